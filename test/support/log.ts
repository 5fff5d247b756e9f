import { createLog, type Log } from '../../src/kernel/log.ts'

export interface CapturedLog {
  readonly log: Log
  /** Everything logged so far, as text. */
  readonly text: () => string
  /** The lines as objects. */
  readonly events: () => Record<string, unknown>[]
}

/** A real log of level `debug` whose lines a test can read. */
export function captureLog(): CapturedLog {
  const lines: string[] = []
  return {
    log: createLog({ service: 'test', level: 'debug', destination: { write: (line) => lines.push(line) } }),
    text: () => lines.join(''),
    events: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
  }
}
