import { z } from 'zod'
import { ask } from './json-http.ts'

const resourceMetadata = z.looseObject({ resource: z.url(), authorization_servers: z.array(z.url()).min(1) })
const serverMetadata = z.looseObject({
  issuer: z.url(),
  authorization_endpoint: z.url(),
  token_endpoint: z.url(),
  registration_endpoint: z.url(),
  revocation_endpoint: z.url(),
})

export interface Discovered {
  readonly challenge: string
  readonly resource: string
  readonly server: z.output<typeof serverMetadata>
}

/** What a client learns from the bare address: 401 → RFC 9728 → RFC 8414. */
export async function discover(mcpAddress: string): Promise<Discovered> {
  const refused = await ask(mcpAddress, { json: { jsonrpc: '2.0', id: 1, method: 'ping' } })
  const challenge = String(refused.headers['www-authenticate'] ?? '')
  const address = /resource_metadata="([^"]+)"/.exec(challenge)?.[1]
  if (refused.status !== 401 || address === undefined) {
    throw new Error(`${mcpAddress} answered ${refused.status} without resource_metadata`)
  }
  const resource = resourceMetadata.parse((await ask(address)).body)
  const issuer = resource.authorization_servers[0] ?? ''
  const server = serverMetadata.parse((await ask(`${issuer}/.well-known/oauth-authorization-server`)).body)
  if (server.issuer !== issuer) throw new Error(`The metadata of ${issuer} names another issuer`)
  return { challenge, resource: resource.resource, server }
}
