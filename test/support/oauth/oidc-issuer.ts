import { generateKeyPairSync, randomUUID, sign as signWith, type KeyPairKeyObjectResult } from 'node:crypto'
import { createServer, type ServerResponse } from 'node:http'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { forgeJws } from '../crypto/token-forge.ts'

type Bend = Readonly<Record<string, unknown>>
type Answering = (path: string, reply: ServerResponse) => boolean

/** A platform that gives its workloads OpenID tokens, as GitHub Actions does: discovery, key set, RS256 tokens. */
export interface OidcIssuer {
  readonly url: string
  /** File for `WORKLOAD_ISSUERS_FILE`. */
  readonly file: string
  /** How often its key set was asked for. */
  readonly asked: () => number
  /** A token of one job; `bend` changes claims, `undefined` removes one. */
  token(bend?: Bend, header?: Bend): string
  /** Signs from now on with a new key, which its key set lists beside the old one. */
  rotate(): void
  /** `true` from it: the request was answered in its way. */
  answerWith(answering: Answering | null): void
  close(): Promise<void>
}

export interface IssuerOptions {
  readonly nowS: () => number
  readonly audience: () => string
  /** More members of its entry in the operator's file. */
  readonly entry?: Bend
}

export async function startOidcIssuer(options: IssuerOptions): Promise<OidcIssuer> {
  const keys: { readonly kid: string; readonly pair: KeyPairKeyObjectResult }[] = []
  const rotate = (): void => {
    keys.unshift({ kid: randomUUID(), pair: generateKeyPairSync('rsa', { modulusLength: 2048 }) })
  }
  rotate()
  let asked = 0
  let answering: Answering | null = null
  const server = createServer((request, reply) => {
    const path = request.url ?? ''
    if (path.endsWith('/jwks')) asked += 1
    if (answering?.(path, reply) === true) return
    reply.setHeader('content-type', 'application/json')
    reply.end(JSON.stringify(path.endsWith('/jwks') ? keySet(keys) : discovery(url)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const url = `http://localhost:${typeof address === 'object' && address !== null ? address.port : 0}`
  const folder = await mkdtemp(join(tmpdir(), 'mx-issuer-'))
  const file = join(folder, 'issuers.json')
  await writeFile(file, JSON.stringify({ issuers: [{ issuer: url, name: 'Actions', ...options.entry }] }))
  return {
    url,
    file,
    asked: () => asked,
    token: (bend = {}, header = {}) => {
      const [current] = keys
      if (current === undefined) throw new Error('no key')
      const head = { alg: 'RS256', typ: 'JWT', kid: current.kid, x5t: 'a-thumbprint', ...header }
      const claims = { ...jobClaims(url, options), ...bend }
      return forgeJws(head, claims, (input) => signWith('sha256', input, current.pair.privateKey))
    },
    rotate,
    answerWith: (next) => {
      answering = next
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** What a workflow run says of itself. */
function jobClaims(issuer: string, { nowS, audience }: IssuerOptions): Record<string, unknown> {
  const now = nowS()
  return {
    iss: issuer,
    aud: audience(),
    sub: 'repo:org/app:environment:production',
    jti: randomUUID(),
    iat: now,
    nbf: now - 600,
    exp: now + 300,
    repository: 'org/app',
    repository_owner: 'org',
    ref: 'refs/heads/main',
    environment: 'production',
    workflow: 'nightly',
    run_attempt: '1',
  }
}

const discovery = (url: string): object => ({ issuer: url, jwks_uri: `${url}/jwks` })

const keySet = (
  keys: readonly { readonly kid: string; readonly pair: KeyPairKeyObjectResult }[],
): object => ({
  keys: keys.map(({ kid, pair }) => ({
    ...pair.publicKey.export({ format: 'jwk' }),
    kid,
    alg: 'RS256',
    use: 'sig',
    x5t: 'a-thumbprint',
  })),
})
