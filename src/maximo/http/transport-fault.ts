import { errors } from 'undici'
import { EgressRefused, PeerRefused } from '../../kernel/egress/connector.ts'
import { MaximoFault } from '../fault.ts'

/** What a failed connection or a cut answer means. Error codes: node:net, node:tls and undici. */
export const faultOfTransport = (
  error: Error,
  { hasHeaders }: { readonly hasHeaders: boolean },
): MaximoFault => {
  if (error instanceof MaximoFault) return error
  if (isEgressRefusal(error)) return new MaximoFault('egress_refused', { cause: error })
  if (error instanceof PeerRefused) return new MaximoFault('unreachable', { detail: 'tls_pin', cause: error })
  const code = codeOf(error)
  // A parser error's `data` is what the other side sent: not ours to keep.
  if (error instanceof errors.HTTPParserError || NOT_HTTP.has(code))
    return new MaximoFault('bad_upstream', { detail: 'not_http' })
  if (hasHeaders) return new MaximoFault('bad_upstream', { detail: 'truncated', cause: error })
  if (TIMEOUTS.has(code)) return new MaximoFault('timeout', { detail: 'connect', cause: error })
  return new MaximoFault('unreachable', { detail: unreachableDetail(code), cause: error })
}

const unreachableDetail = (code: string): string => {
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'EAI_FAIL') return 'dns'
  if (code === 'ECONNREFUSED') return 'refused'
  if (RESETS.has(code)) return 'reset'
  if (TLS.test(code)) return 'tls'
  return 'network'
}

/** Node tries several addresses of a name and wraps what each attempt said. */
const isEgressRefusal = (error: Error): boolean =>
  error instanceof EgressRefused ||
  (error instanceof AggregateError && error.errors.some((each) => each instanceof EgressRefused))

const codeOf = (error: Error): string => ('code' in error && typeof error.code === 'string' ? error.code : '')

/** A head above the limit, and lengths that contradict each other: asking again does not help. */
const NOT_HTTP: ReadonlySet<string> = new Set([
  'UND_ERR_HEADERS_OVERFLOW',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
])
const TIMEOUTS: ReadonlySet<string> = new Set(['UND_ERR_CONNECT_TIMEOUT', 'ETIMEDOUT'])
const RESETS: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'])
const TLS = /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|EPROTO)/
