import type { StoredClient } from '../../records/projection.ts'

/**
 * Copies of metadata documents whose hosts refuse servers (bot checks in front of them answer `403`). Used only when the
 * document cannot be fetched. Written on {@link COPIED_ON} from the clients' published behaviour; what is not known of a
 * document (ChatGPT's keys, Codex' and Cursor's addresses) has no copy, since a guess would be worse than a refusal.
 */
const COPIES: readonly Pick<StoredClient, 'cid' | 'name' | 'redirectUris'>[] = [
  {
    cid: 'https://claude.ai/oauth/mcp-oauth-client-metadata',
    name: 'Claude',
    redirectUris: ['https://claude.ai/api/mcp/auth_callback', 'https://claude.com/api/mcp/auth_callback'],
  },
  {
    cid: 'https://claude.ai/oauth/claude-code-client-metadata',
    name: 'Claude Code',
    redirectUris: ['http://localhost/callback', 'http://127.0.0.1/callback'],
  },
  {
    cid: 'https://vscode.dev/oauth/client-metadata.json',
    name: 'Visual Studio Code',
    redirectUris: ['http://127.0.0.1:33418/', 'https://vscode.dev/redirect'],
  },
]

/** Date of the facts behind the copies. */
export const COPIED_ON = '2026-11-21'

export function findVendorCopy(clientId: string): StoredClient | null {
  const copy = COPIES.find(({ cid }) => cid === clientId)
  if (copy === undefined) return null
  const { redirectUris, ...named } = copy
  const grantTypes: StoredClient['grantTypes'] = ['authorization_code', 'refresh_token']
  return { ...named, redirectUris: [...redirectUris], authMethod: 'none', grantTypes }
}

/** Hosts whose clients we know by name; their documents count as theirs. */
const VERIFIED_HOSTS = ['claude.ai', 'chatgpt.com', 'vscode.dev', 'cursor.com', 'www.cursor.com']

export const isVerifiedHost = (host: string): boolean => VERIFIED_HOSTS.includes(host)
