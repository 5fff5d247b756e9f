import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Stack } from '../../src/dev/processes/stack.ts'
import { ask } from '../../src/dev/walk/json-http.ts'

/** What a client keeps on disk between two runs. */
export interface KeptTokens {
  readonly clientId: string
  readonly accessToken: string
  readonly refreshToken: string
}

/** Found by their form in whatever files the client wrote under its folder, the newest of each. */
export async function keptTokens(folder: string): Promise<KeptTokens> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
  const texts = await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), 'utf8')))
  const find = (pattern: RegExp): string => {
    const found = texts.map((text) => pattern.exec(text)?.[0]).find((match) => match !== undefined)
    if (found === undefined) throw new Error(`nothing like ${String(pattern)} in ${folder}`)
    return found
  }
  return {
    clientId: find(/mxc_[\w-]{22}/),
    accessToken: find(/eyJ[\w-]+(\.[\w-]+){4}/),
    refreshToken: find(/mxr_[\w-]{43}/),
  }
}

/** By RFC 7009, as its client could: the token ends at once, the connection goes on. */
export async function revokeAccessToken(stack: Stack, { clientId, accessToken }: KeptTokens): Promise<void> {
  const form = { client_id: clientId, token: accessToken }
  const answer = await ask(`${stack.portalUrl}/oauth/revoke`, { form })
  if (answer.status !== 200) throw new Error(`revocation: ${answer.status} ${JSON.stringify(answer.body)}`)
}
