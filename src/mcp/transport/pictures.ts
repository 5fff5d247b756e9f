import { CLIENT_CAPABILITIES_META_KEY } from '@modelcontextprotocol/server'
import { APP_MIME_TYPE, UI_EXTENSION } from '../apps/app.ts'
import { isRecord } from './message.ts'

/**
 * Whether the envelope of a request declares that the client shows pictures (MCP Apps, `io.modelcontextprotocol/ui`). The
 * older era has no envelope and this server no sessions, so there every list names them: clients ignore what they do not
 * know in `_meta`, and models do not see it.
 */
export function declaresApps(meta: unknown): boolean {
  const capabilities = recordIn(meta, CLIENT_CAPABILITIES_META_KEY)
  const mimeTypes = recordIn(recordIn(capabilities, 'extensions'), UI_EXTENSION)['mimeTypes']
  return Array.isArray(mimeTypes) && mimeTypes.includes(APP_MIME_TYPE)
}

function recordIn(value: unknown, name: string): Readonly<Record<string, unknown>> {
  const inner = isRecord(value) ? value[name] : undefined
  return isRecord(inner) ? inner : {}
}
