import type { MaximoCall, MaximoEnvironment } from './contract.ts'
import type { Egress } from './egress/egress.ts'
import type { BaseUrl } from './egress/rules.ts'
import { MaximoFault } from './fault.ts'

/** One credential at one environment: turns a path below the API root into the JSON Maximo answers. */
export interface MaximoSession {
  readonly base: BaseUrl
  /** @throws MaximoFault, or the signal's reason */
  get(question: Question, call: MaximoCall): Promise<unknown>
}

export interface Question {
  /** Segments below `/maximo/api`; each must be a plain name or a resource id. */
  readonly segments: readonly string[]
  /** Rendered by `renderParameters`, so `lean=1` is in it. */
  readonly queryString: string
  readonly objectStructure?: string
}

/** @throws MaximoFault egress_refused, or credentials_rejected when the credential cannot be a header */
export const openSession = (environment: MaximoEnvironment, egress: Egress): MaximoSession => {
  const base = egress.check(environment.baseUrl)
  // An API key works on the unprotected mapping only; a login on the session one (REST guide, authentication).
  const root = `${base.path}/${environment.method === 'apikey' ? 'api' : 'oslc'}`
  const headers = fixedHeaders(environment, `${base.origin}${root}`)
  return {
    base,
    get: ({ segments, queryString, objectStructure }, call) =>
      egress.lane(base).ask({
        path: `${root}/${segments.map(checkedSegment).join('/')}?${queryString}`,
        headers: [...headers, 'x-correlation-id', checkedCorrelation(call.correlationId)],
        objectStructure: objectStructure?.toUpperCase() ?? null,
        signal: call.signal,
      }),
  }
}

/** Never a cookie: Maximo would prefer a credential-less session to the key beside it (401 BMXAA0021E). */
const fixedHeaders = ({ method, credential }: MaximoEnvironment, publicUri: string): readonly string[] => {
  const secret = credential.reveal()
  const value = method === 'apikey' ? secret : Buffer.from(secret, 'utf8').toString('base64')
  if (!HEADER_VALUE.test(value)) throw new MaximoFault('credentials_rejected', { detail: 'malformed' })
  return [
    method,
    value,
    'accept',
    'application/json',
    'accept-encoding',
    'identity',
    'user-agent',
    'maximo-mcp',
    // Decides the prefix of every address in the answer; else they may name another host.
    'x-public-uri',
    publicUri,
  ]
}

const checkedSegment = (segment: string): string => {
  if (!SEGMENT.test(segment)) throw new Error('not a path segment of ours')
  return segment
}

const checkedCorrelation = (id: string): string => {
  if (!CORRELATION.test(id)) throw new Error('not a correlation id of ours')
  return id
}

/** Names of Maximo and resource ids: nothing that a URL parser could read as more than one segment. */
const SEGMENT = /^[A-Za-z0-9_=-]{1,500}$/
const CORRELATION = /^[A-Za-z0-9_-]{1,64}$/
const HEADER_VALUE = /^[\x21-\x7e]{1,2048}$/
