import { type DestinationStream, type Logger, pino } from 'pino'

export type Log = Logger

export interface LogOptions {
  readonly service: string
  readonly level: string
  /** Where lines go; standard output without it. */
  readonly destination?: DestinationStream
}

/**
 * One JSON line per event. Second belt behind `Secret`: names that open doors are redacted, a request is shown without
 * its query, an error without what a library hung on it (ioredis: the command with its values).
 */
export function createLog({ service, level, destination }: LogOptions): Log {
  return pino(
    {
      name: service,
      level,
      redact: { paths: REDACTED, censor: '[secret]' },
      serializers: { err: plainError, error: plainError, req: plainRequest },
    },
    destination ?? pino.destination(1),
  )
}

/** @param depth how many causes to follow */
function plainError(thrown: unknown, depth = 3): unknown {
  if (!(thrown instanceof Error)) return { type: typeof thrown }
  const code = 'code' in thrown && typeof thrown.code === 'string' ? { kind: thrown.code } : {}
  const cause =
    thrown.cause === undefined || depth === 0 ? {} : { cause: plainError(thrown.cause, depth - 1) }
  return { type: thrown.name, message: thrown.message, ...code, stack: thrown.stack, ...cause }
}

/** Fits Fastify's request and Node's; the query string may hold codes and states. */
function plainRequest(request: {
  readonly method?: string
  readonly url?: string
  readonly id?: unknown
}): unknown {
  const path = request.url?.split(/[?#]/, 1)[0]
  return { id: request.id, method: request.method, path }
}

const SECRET_NAMES = [
  'access_token',
  'apikey',
  'assertion',
  'authorization',
  'blob',
  'body',
  'client_assertion',
  'client_secret',
  'code',
  'code_verifier',
  'cookie',
  'credential',
  'handle',
  'headers',
  'id_token',
  'maxauth',
  'password',
  'receipt',
  'refresh_token',
  'secret',
  'set-cookie',
  'state',
  'token',
]

const REDACTED = SECRET_NAMES.flatMap((name) => [`["${name}"]`, `*["${name}"]`])
