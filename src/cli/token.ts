import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import type { Out } from './keys.ts'
import { readOptions } from './read-options.ts'
import { LoginFailed, loginForToken } from './token-login.ts'

const USAGE = `maximo-mcp token create [--portal <url>] [--out <file>] [--no-browser]
maximo-mcp token list | rotate | revoke [--portal <url>] [--no-browser]

  create   opens the portal's form and prints the token that was made there, once; --out writes it to a new file that
           only you can read
  list, rotate, revoke
           open the portal's page of tokens
  --portal defaults to PUBLIC_PORTAL_URL, else http://localhost:8080`

const COMMANDS = ['create', 'list', 'rotate', 'revoke'] as const
type Command = (typeof COMMANDS)[number]

interface Asked {
  readonly command: Command
  readonly portalUrl: string
  readonly outFile: string | undefined
  readonly opensBrowser: boolean
}

/** What a test may put in the place of the desktop. */
export interface TokenTools {
  readonly openBrowser: (url: string) => void
}

/**
 * `maximo-mcp token …`: works on any computer that reaches the portal; it needs no keys and no configuration. The exit code
 * is 0, 1 when no token was made, 64 for arguments that are not understood.
 */
export async function runToken(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  out: Out,
  tools: TokenTools = { openBrowser },
): Promise<number> {
  const asked = readArguments(args, env)
  if (asked === null) {
    out.problem(USAGE)
    return 64
  }
  const show = (url: string): void => {
    // Not on the standard output, which is the token's.
    out.problem(`Open this address in your browser:\n  ${url}`)
    if (asked.opensBrowser) tools.openBrowser(url)
  }
  if (asked.command !== 'create') {
    show(`${asked.portalUrl}/tokens`)
    return 0
  }
  return create(asked, { out, show })
}

async function create(
  { portalUrl, outFile }: Asked,
  { out, show }: { readonly out: Out; readonly show: (url: string) => void },
): Promise<number> {
  try {
    const token = await loginForToken(portalUrl, show)
    if (outFile === undefined) out.line(token)
    else {
      // `wx`: never over a file that is there, whose rights may be wider.
      await writeFile(outFile, `${token}\n`, { mode: 0o600, flag: 'wx' })
      out.problem(`The token is in ${outFile}.`)
    }
    return 0
  } catch (error) {
    if (!(error instanceof LoginFailed) && !isFileError(error)) throw error
    out.problem(error.message)
    return 1
  }
}

const isFileError = (error: unknown): error is Error =>
  error instanceof Error && 'syscall' in error && error.syscall === 'open'

function readArguments(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Asked | null {
  const read = readOptions({
    args: [...args],
    allowPositionals: true,
    options: {
      portal: { type: 'string' },
      out: { type: 'string' },
      'no-browser': { type: 'boolean', default: false },
    },
  })
  if (read === null) return null
  const { values, positionals } = read
  const command = COMMANDS.find((one) => one === positionals[0])
  const portal = URL.parse(values.portal ?? env['PUBLIC_PORTAL_URL'] ?? 'http://localhost:8080')
  const isUsed = values.out === undefined || command === 'create'
  if (command === undefined || positionals.length > 1 || portal === null || !isUsed) return null
  return { command, portalUrl: portal.origin, outFile: values.out, opensBrowser: !values['no-browser'] }
}

/** The desktop's own way; where there is none, the address stands on the terminal. */
function openBrowser(url: string): void {
  const [program = '', ...before] = OPENERS[process.platform] ?? ['xdg-open']
  const child = spawn(program, [...before, url], { stdio: 'ignore', detached: true })
  child.on('error', () => undefined)
  child.unref()
}

const OPENERS: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
}
