import type { Client } from './client.ts'

export const OWN_CLIENT_ID = 'maximo-mcp-cli'

/**
 * The command `maximo-mcp token`: a public client of our own, on any port of loopback (RFC 8252 §7.3). It needs no
 * registration, and it gets automation tokens alone.
 */
export const OWN_CLIENT: Client = {
  source: 'file',
  cid: OWN_CLIENT_ID,
  name: 'maximo-mcp command line',
  redirectUris: ['http://127.0.0.1/callback'],
  authMethod: 'none',
  grantTypes: ['authorization_code'],
}
