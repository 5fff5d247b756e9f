import type { SinkEvent } from '../event.ts'

/**
 * Encodes an event in at most so many bytes: when it is longer, its texts are cut, all to one length, the more the smaller
 * the room is, and the event says so (`truncated`). Its id still leads to the whole record.
 *
 * @param maxBytes at least 2,048
 */
export function fitted(event: SinkEvent, encode: (event: SinkEvent) => Buffer, maxBytes: number): Buffer {
  let encoded = encode(event)
  for (let chars = MOST_CHARS; encoded.length > maxBytes && chars >= 1; chars = Math.floor(chars / 2))
    encoded = encode(shortened(event, chars))
  return encoded
}

function shortened(event: SinkEvent, chars: number): SinkEvent {
  const cut = Object.entries(event.record).map(([name, value]): [string, unknown] =>
    typeof value === 'string' && !UNCUT.has(name) && value.length > chars
      ? [name, `${value.slice(0, chars)}…`]
      : [name, value],
  )
  const record = { ...event.record, ...Object.fromEntries(cut), truncated: 'true' }
  return { ...event, record }
}

/** Our own words, of known length. */
const UNCUT = new Set(['timestamp', 'eventType', 'outcome'])
const MOST_CHARS = 512
