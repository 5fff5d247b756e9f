import type { SinkEvent } from './event.ts'
import type { Batch, Receiver } from './sink.ts'

/**
 * The longest beginning of the events that fits into one sending; at least the first, whatever its size: it is then the
 * receiver that says no.
 *
 * @param maxBytes as learnt from the receiver, at most its own
 */
export function batchOf(
  events: readonly SinkEvent[],
  { encode, maxEvents, framingBytes }: Pick<Receiver, 'encode' | 'maxEvents' | 'framingBytes'>,
  maxBytes: number,
): Batch {
  const encoded: Buffer[] = []
  let bytes = 0
  for (const event of events.slice(0, maxEvents)) {
    const next = encode(event)
    bytes += next.length + framingBytes
    if (encoded.length > 0 && bytes > maxBytes) break
    encoded.push(next)
  }
  return { events: events.slice(0, encoded.length), encoded }
}
