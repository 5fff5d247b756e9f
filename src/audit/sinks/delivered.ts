import type { Log } from '../../kernel/log.ts'
import type { SinkConfig } from './config.ts'
import { cursorPath, readCursor } from './cursor.ts'

export type NamedSink = Pick<SinkConfig, 'name' | 'start'>

/**
 * Number of the last record of a log that each of these sinks has delivered; infinite where no record is owed to any. One
 * that has not begun is owed what it will begin with.
 */
export async function deliveredTo(
  place: { readonly folder: string; readonly instance: string },
  sinks: readonly NamedSink[],
  log: Log,
): Promise<number> {
  let all = Infinity
  for (const { name, start } of sinks) {
    const cursor = await readCursor(cursorPath(place.folder, place.instance, name), log)
    all = Math.min(all, cursor?.n ?? (start === 'oldest' ? 0 : Infinity))
  }
  return all
}
