import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parse } from 'yaml'

const FILE = resolve(import.meta.dirname, '../../docker-compose.yml')

export interface ComposeService {
  readonly command: string | readonly string[]
  /** Null: the name stands there with an empty value. */
  readonly environment: Readonly<Record<string, string | null>>
  readonly volumes: readonly string[]
  readonly ports?: readonly string[]
  readonly read_only?: boolean
  readonly cap_drop?: readonly string[]
  readonly security_opt?: readonly string[]
  readonly healthcheck?: { readonly test: readonly string[] }
}

export interface ComposeFile {
  readonly services: Readonly<Record<'redis' | 'mcp' | 'portal', ComposeService>>
  readonly volumes: Readonly<Record<string, unknown>>
}

/** The compose file as compose reads it: variables put in, merge keys resolved. A missing variable is an error. */
export function composeFile(variables: Readonly<Record<string, string>>): ComposeFile {
  const text = readFileSync(FILE, 'utf8').replaceAll('$$', '\u0000')
  const filled = text.replaceAll(
    /\$\{([A-Z_]+)(:-)?\}/g,
    (_match, name: string, isOptional: string | undefined) => {
      const value = variables[name] ?? (isOptional === undefined ? undefined : '')
      if (value === undefined) throw new Error(`docker-compose.yml needs ${name}`)
      return value
    },
  )
  return parse(filled.replaceAll('\u0000', '$'), { merge: true }) as ComposeFile
}

/** The words of a command: a string is split at white space, as compose does for one without quotes. */
export const wordsOf = ({ command }: ComposeService): string[] =>
  typeof command === 'string' ? command.trim().split(/\s+/) : [...command]

export interface AclUser {
  readonly name: string
  readonly password: string
  readonly rules: string
}

/** The Redis users of the compose file, for a server of the tests: the least rights are tested as they are deployed. */
export function redisUsers(passwords: { readonly portal: string; readonly mcp: string }): AclUser[] {
  const file = composeFile({
    ...ANY,
    REDIS_PORTAL_PASSWORD: passwords.portal,
    REDIS_MCP_PASSWORD: passwords.mcp,
  })
  return wordsOf(file.services.redis)
    .join(' ')
    .split(' --user ')
    .slice(1)
    .map((user) => user.split(' '))
    .filter(([name]) => name !== 'default')
    .map(([name = '', , password = '', ...rules]) => ({
      name,
      password: password.slice(1),
      rules: rules.join(' '),
    }))
}

/** Values for what a test does not care about. */
export const ANY = {
  PUBLIC_PORTAL_URL: 'https://portal.example.com',
  PUBLIC_MCP_URL: 'https://mcp.example.com',
  CLERK_PUBLISHABLE_KEY: `pk_live_${Buffer.from('clerk.example.com$').toString('base64')}`,
  CLERK_SECRET_KEY: 'sk_live_any',
  REDIS_PORTAL_PASSWORD: 'portal-password',
  REDIS_MCP_PASSWORD: 'mcp-password',
} as const
