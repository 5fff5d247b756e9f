import type { SinkEvent } from '../event.ts'
import { severityOf, SYSLOG_SEVERITY } from './severity.ts'

/**
 * One syslog message (RFC 5424 §6), framed by its length (RFC 5425 §4.3). The structured data is the sequence number alone
 * (§7.3.1): it starts again behind 2^31 − 1.
 *
 * @param text one line; no byte order mark is put before it, which readers of CEF and LEEF stumble over
 */
export function syslogFrame(event: SinkEvent, text: string, hostname: string): Buffer {
  const priority = LOG_AUDIT * 8 + SYSLOG_SEVERITY[severityOf(event.record)]
  const header = [
    `<${priority}>1`,
    event.record.timestamp,
    printable(hostname, 255),
    'maximo-mcp',
    printable(event.origin.instance, 128),
    printable(event.record.eventType, 32),
    `[meta sequenceId="${((event.n - 1) % MAX_SEQUENCE) + 1}"]`,
  ]
  const message = Buffer.from(`${header.join(' ')} ${text}`)
  return Buffer.concat([Buffer.from(`${message.length} `), message])
}

/** PRINTUSASCII of the header's fields. */
const printable = (text: string, maxChars: number): string => {
  const kept = text.replace(/[^\x21-\x7e]/g, '_').slice(0, maxChars)
  return kept === '' ? '-' : kept
}

/** Facility 13. */
const LOG_AUDIT = 13
const MAX_SEQUENCE = 2_147_483_647
