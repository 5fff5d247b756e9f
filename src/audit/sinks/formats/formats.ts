import { isIP } from 'node:net'
import type { SinkEvent } from '../event.ts'
import { asCef } from './cef.ts'
import { asEcs } from './ecs.ts'
import { escapeHidden } from './escape.ts'
import { asLeef } from './leef.ts'
import { asOcsf } from './ocsf.ts'
import { asRecord } from './record-json.ts'

export const JSON_FORMATS = ['record', 'ecs', 'ocsf'] as const
export type JsonFormat = (typeof JSON_FORMATS)[number]
export const TEXT_FORMATS = ['cef', 'leef', ...JSON_FORMATS] as const
export type TextFormat = (typeof TEXT_FORMATS)[number]

const OBJECTS: Readonly<Record<JsonFormat, (event: SinkEvent) => object>> = {
  record: asRecord,
  ecs: asEcs,
  ocsf: asOcsf,
}

export const objectIn = (format: JsonFormat, event: SinkEvent): object =>
  OBJECTS[format](format === 'record' ? event : withAddressAlone(event))

/** One line of JSON in which nothing is hidden from whoever reads it. */
export const jsonLine = (value: object): string => escapeHidden(JSON.stringify(value))

/** One line without its end. */
export function lineIn(format: TextFormat, event: SinkEvent): string {
  if (format === 'cef') return asCef(withAddressAlone(event))
  if (format === 'leef') return asLeef(withAddressAlone(event))
  return jsonLine(objectIn(format, event))
}

/** Schemas have a type for addresses, and receivers refuse an event with anything else there: a network gets its own name. */
function withAddressAlone(event: SinkEvent): SinkEvent {
  const { sourceIP } = event.record
  if (sourceIP === null || isIP(sourceIP) !== 0) return event
  return { ...event, record: { ...event.record, sourceIP: null, sourceNetwork: sourceIP } }
}
