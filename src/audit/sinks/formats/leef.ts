import { originText, type SinkEvent } from '../event.ts'
import { asEscapes, escapeHidden } from './escape.ts'
import { type Member, membersBeside } from './members.ts'
import { severityOf, TEN_STEPS } from './severity.ts'

/**
 * IBM's Log Event Extended Format 2.0 for QRadar. Its delimiter is `^`: the usual tab is rewritten by syslog relays on the
 * way. The format knows no escapes, so what would end a value or a line is written as `\uXXXX`, and a backslash twice.
 */
export function asLeef(event: SinkEvent): string {
  const header = ['LEEF:2.0', 'maximo-mcp', 'maximo-mcp', '1', headerText(event.record.eventType), DELIMITER]
  const attributes = attributesOf(event).map(([key, value]) => `${key}=${valueText(String(value))}`)
  return `${header.join('|')}|${attributes.join(DELIMITER)}`
}

const DELIMITER = '^'

function attributesOf(event: SinkEvent): Member[] {
  const { id, n, origin, timeMs, record } = event
  const known = Object.entries(KEYS).flatMap(([name, key]): Member[] => {
    const value = record[name]
    return typeof value === 'string' ? [[key, value]] : []
  })
  const login = LOGINS[record.eventType]
  return [
    // Milliseconds since the epoch need no devTimeFormat.
    ['devTime', timeMs],
    ['sev', TEN_STEPS[severityOf(record)]],
    ...known,
    ...(login === undefined ? [] : [[login, 'true'] as const]),
    ['eventUid', id],
    ['sequence', n],
    ['origin', originText(origin)],
    ...membersBeside(event, IN_LEEF).map(([name, value]): Member => [keyText(name), value]),
  ]
}

const escapedDelimiter = asEscapes(DELIMITER)
const valueText = (text: string): string =>
  escapeHidden(text.replaceAll('\\', '\\\\')).replaceAll(DELIMITER, escapedDelimiter)

const headerText = (text: string): string => valueText(text).replaceAll('|', asEscapes('|'))

const keyText = (name: string): string => name.replace(/[^A-Za-z0-9_]/g, '_')

/** Attributes that QRadar knows; with the event id, `cat` chooses how an event is named there. */
const KEYS: Readonly<Record<string, string>> = {
  outcome: 'cat',
  principal: 'usrName',
  sourceIP: 'src',
  resource: 'resource',
}
const LOGINS: Readonly<Record<string, string | undefined>> = {
  sign_in: 'isLoginEvent',
  sign_out: 'isLogoutEvent',
}

const IN_LEEF: ReadonlySet<string> = new Set(['timestamp', 'eventType', ...Object.keys(KEYS)])
