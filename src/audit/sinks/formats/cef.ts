import { originText, type SinkEvent } from '../event.ts'
import { escapeHidden } from './escape.ts'
import { type Member, membersBeside } from './members.ts'
import { severityOf, TEN_STEPS } from './severity.ts'

/**
 * ArcSight Common Event Format, version 0. In the header `\` and `|` are escaped, in values `\`, `=`, and line ends; other
 * characters that nobody sees become `\uXXXX`, so that one event stays one line for every reader of syslog.
 */
export function asCef(event: SinkEvent): string {
  const { record } = event
  const header = [
    ...['CEF:0', 'maximo-mcp', 'maximo-mcp', '1'],
    ...[record.eventType, record.operation ?? record.eventType].map(headerText),
    String(TEN_STEPS[severityOf(record)]),
  ]
  const extension = extensionOf(event).map(([key, value]) => `${key}=${valueText(String(value))}`)
  return `${header.join('|')}|${extension.join(' ')}`
}

function extensionOf(event: SinkEvent): Member[] {
  const { id, n, origin, timeMs, record } = event
  const known = Object.entries(KEYS).flatMap(([name, [key, label]]) => {
    const value = record[name]
    if (typeof value !== 'string' && typeof value !== 'number') return []
    const said: Member[] = [[key, value]]
    if (label !== undefined) said.push([`${key}Label`, label])
    return said
  })
  return [
    ...([
      ['rt', timeMs],
      ['externalId', id],
      ['cn3', n],
      ['cn3Label', 'sequence'],
      ['deviceExternalId', originText(origin)],
    ] satisfies Member[]),
    ...known,
    ...membersBeside(event, IN_CEF).map(([name, value]): Member => [keyText(name), value]),
  ]
}

const headerText = (text: string): string => escapeHidden(text.replace(/[\\|]/g, '\\$&'))

const valueText = (text: string): string =>
  escapeHidden(text.replace(/[\\=]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r'))

const keyText = (name: string): string => name.replace(/[^A-Za-z0-9_]/g, '_')

/** Keys of the CEF dictionary; those for anything take a label that says what it is. */
const KEYS: Readonly<Record<string, readonly [key: string, label?: string]>> = {
  outcome: ['outcome'],
  principal: ['suser'],
  sourceIP: ['src'],
  action: ['act'],
  resource: ['request'],
  masInstance: ['dhost'],
  userAgent: ['requestClientApplication'],
  reason: ['reason'],
  responseCode: ['cn1', 'responseCode'],
  recordCount: ['cn2', 'recordCount'],
  duration_ms: ['cfp1', 'durationMs'],
  authMethod: ['cs1', 'authMethod'],
  tool: ['cs2', 'tool'],
  grantId: ['cs3', 'grantId'],
  clientId: ['cs4', 'clientId'],
  environmentId: ['cs5', 'environmentId'],
  correlationId: ['cs6', 'correlationId'],
  queryParams: ['flexString1', 'queryParams'],
}

const IN_CEF: ReadonlySet<string> = new Set(['timestamp', 'eventType', 'operation', ...Object.keys(KEYS)])
