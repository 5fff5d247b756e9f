import { err, ok, type Result } from '../../kernel/result.ts'

export interface Resource {
  /** The one audience of every token: `PUBLIC_MCP_URL/mcp`. */
  readonly audience: string
  /** Environment that the address preselects (`/mcp/<environment id>`). */
  readonly env: string | null
}

/** The canonical resource identifier (RFC 8707 §2). */
export const canonicalResource = (mcpUrl: string): string => `${mcpUrl}/mcp`

/**
 * Maps what clients send as `resource` to our one audience. Widely used clients send the bare origin, a trailing slash,
 * the address with its query, or nothing; none of these can mean another server. Another host always can.
 */
export function readResource(raw: string | undefined, mcpUrl: string): Result<Resource, 'resource_unknown'> {
  const audience = canonicalResource(mcpUrl)
  if (raw === undefined || raw === '' || raw === audience) return ok({ audience, env: null })
  const path = isOurs(raw, mcpUrl)
    ? /^\/(?:mcp(?:\/([A-Za-z0-9_-]{22}))?\/?)?$/.exec(new URL(raw).pathname)
    : null
  return path === null ? err('resource_unknown') : ok({ audience, env: path[1] ?? null })
}

/** No fragment (RFC 8707 §2), no user info, nothing that two parsers could read as two hosts. */
function isOurs(raw: string, mcpUrl: string): boolean {
  if (raw.length > MAX_CHARS || !/^[\x21\x22\x24-\x5B\x5D-\x7E]+$/.test(raw)) return false
  const url = URL.parse(raw)
  return url !== null && url.origin === mcpUrl && url.username === '' && url.password === ''
}

const MAX_CHARS = 2_048
