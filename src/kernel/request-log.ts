import type { FastifyBaseLogger } from 'fastify'
import type { Bindings, ChildLoggerOptions } from 'pino'

interface Unmade {
  readonly parent: FastifyBaseLogger
  readonly bindings: Bindings
  readonly options: ChildLoggerOptions
  made: FastifyBaseLogger | undefined
}

/**
 * The logger of a request, made when it first says something: hardly any does, and to make one (its bindings redacted and
 * written out) costs more than to read the request.
 */
export function requestLog(
  parent: FastifyBaseLogger,
  bindings: Bindings,
  options: ChildLoggerOptions,
): FastifyBaseLogger {
  const unmade: Unmade = { parent, bindings, options, made: undefined }
  return Object.assign(Object.create(METHODS) as FastifyBaseLogger, unmade)
}

const made = (log: Unmade): FastifyBaseLogger => (log.made ??= log.parent.child(log.bindings, log.options))

const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

/** What all of them have in common. */
const METHODS: object = Object.defineProperties(
  {},
  {
    level: {
      get(this: Unmade): string {
        return made(this).level
      },
      set(this: Unmade, level: string) {
        made(this).level = level
      },
    },
    child: {
      value(this: Unmade, bindings: Bindings, options?: ChildLoggerOptions): FastifyBaseLogger {
        return made(this).child(bindings, options)
      },
    },
    ...Object.fromEntries(
      LEVELS.map((level) => [
        level,
        {
          value(this: Unmade, ...said: readonly unknown[]): void {
            const log = made(this)
            Reflect.apply(log[level], log, said)
          },
        },
      ]),
    ),
  },
)
