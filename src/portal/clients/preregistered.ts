import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { readForeignKeys } from '../../crypto/foreign-keys.ts'
import { ConfigError, schemaProblems } from '../../kernel/env.ts'
import { cleanClientName } from './client-name.ts'
import type { Client } from './client.ts'
import { readRemoteUrl } from './documents/document-url.ts'
import { OWN_CLIENT } from './own-client.ts'
import { checkRedirectUri } from './redirect-uri.ts'

const redirectUri = z
  .string()
  .refine((uri) => checkRedirectUri(uri).ok, 'is no redirect URI that can be registered')

const grantType = z.enum(['authorization_code', 'refresh_token'])

const bareEntry = z.strictObject({
  // `mxc_` is what dynamic registration gives, `maximo-mcp-` our own.
  client_id: z.string().regex(/^(?!mxc_|maximo-mcp-)[\x21-\x7E]{1,200}$/),
  client_name: z
    .string()
    .refine((name) => cleanClientName(name) === name, 'is not plain text of at most 60 characters'),
  redirect_uris: z.array(redirectUri).min(1).max(30),
  token_endpoint_auth_method: z.enum([
    'none',
    'client_secret_basic',
    'client_secret_post',
    'private_key_jwt',
  ]),
  grant_types: z.array(grantType).default(['authorization_code', 'refresh_token']),
  /** Lower-case hex of the SHA-256 of a random secret (`printf %s "$SECRET" | sha256sum`). */
  client_secret_sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  jwks: z.record(z.string(), z.unknown()).optional(),
  jwks_uri: z
    .string()
    .refine((uri) => readRemoteUrl(uri) !== null, 'is no https address of a public host')
    .optional(),
})
type Entry = z.infer<typeof bareEntry>

const entry = bareEntry.refine(
  hasWhatItsMethodNeeds,
  'must have what its token_endpoint_auth_method needs and nothing else: client_secret_sha256, or one of jwks and jwks_uri',
)

const clientsFile = z
  .strictObject({ clients: z.array(entry).max(1000) })
  .refine(
    ({ clients }) => new Set(clients.map((client) => client.client_id)).size === clients.length,
    'clients: names a client_id twice',
  )

/**
 * Our own client, and those of `CLIENTS_FILE`, which the operator registered by hand, by id. They come before all others.
 *
 * @throws ConfigError with every problem by its place, never by value
 */
export async function loadPreregistered(path: string | undefined): Promise<ReadonlyMap<string, Client>> {
  const own = [OWN_CLIENT.cid, OWN_CLIENT] as const
  if (path === undefined) return new Map([own])
  const read = clientsFile.safeParse(parseJson(path))
  if (!read.success) throw new ConfigError(schemaProblems(read.error, 'CLIENTS_FILE'))
  for (const [index, { jwks }] of read.data.clients.entries())
    if (jwks !== undefined && !(await readForeignKeys(jwks)).ok)
      throw new ConfigError([`CLIENTS_FILE: clients.${index}.jwks: is no set of sound public keys`])
  return new Map([own, ...read.data.clients.map((client) => [client.client_id, toClient(client)] as const)])
}

function parseJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as unknown
  } catch {
    throw new ConfigError(['CLIENTS_FILE: the file cannot be read, or is not JSON'])
  }
}

function hasWhatItsMethodNeeds(client: Entry): boolean {
  const hasSecret = client.client_secret_sha256 !== undefined
  const keySources = [client.jwks, client.jwks_uri].filter((source) => source !== undefined).length
  switch (client.token_endpoint_auth_method) {
    case 'none':
      return !hasSecret && keySources === 0
    case 'private_key_jwt':
      return !hasSecret && keySources === 1
    case 'client_secret_basic':
    case 'client_secret_post':
      return hasSecret && keySources === 0
  }
}

const toClient = (client: Entry): Client => ({
  source: 'file',
  cid: client.client_id,
  name: client.client_name,
  redirectUris: client.redirect_uris,
  authMethod: client.token_endpoint_auth_method,
  grantTypes: client.grant_types,
  ...(client.client_secret_sha256 === undefined
    ? {}
    : { secretHash: toBase64url(client.client_secret_sha256) }),
  ...(client.jwks === undefined ? {} : { jwks: client.jwks }),
  ...(client.jwks_uri === undefined ? {} : { jwksUri: client.jwks_uri }),
})

const toBase64url = (hex: string): string => Buffer.from(hex, 'hex').toString('base64url')
