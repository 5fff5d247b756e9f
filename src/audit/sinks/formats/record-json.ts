import { originText, type SinkEvent } from '../event.ts'

/** The record in the field names of the log, with its id, its origin and its number. */
export const asRecord = (event: SinkEvent): object => ({
  id: event.id,
  origin: originText(event.origin),
  n: event.n,
  ...event.record,
})
