import type { Clock } from '../kernel/clock.ts'
import type { MaximoCall, MaximoEnvironment } from './contract.ts'
import { type Bearer, openBearer } from './credentials/bearer.ts'
import { bearerHeaders, staticHeaders } from './credentials/static-headers.ts'
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

/** @throws MaximoFault egress_refused, or credentials_rejected when the credential is none of its method */
export const openSession = (environment: MaximoEnvironment, egress: Egress, clock: Clock): MaximoSession => {
  const base = egress.check(environment.baseUrl)
  // An API key works on the unprotected mapping only; all else on the session one (REST guide, authentication).
  const root = `${base.path}/${environment.method === 'apikey' ? 'api' : 'oslc'}`
  const common = commonHeaders(`${base.origin}${root}`)
  const ask = (question: Question, call: MaximoCall, proof: readonly string[]): Promise<unknown> =>
    egress.lane(base, environment.certificate).ask({
      path: `${root}/${question.segments.map(checkedSegment).join('/')}?${question.queryString}`,
      headers: [...proof, ...common, 'x-correlation-id', checkedCorrelation(call.correlationId)],
      objectStructure: question.objectStructure?.toUpperCase() ?? null,
      signal: call.signal,
      urgency: call.urgency ?? 'person',
    })
  return { base, get: getterOf(environment, ask, { egress, clock }) }
}

type Ask = (question: Question, call: MaximoCall, proof: readonly string[]) => Promise<unknown>

function getterOf(
  { method, credential, onReplaced = keepNothing }: MaximoEnvironment,
  ask: Ask,
  { egress, clock }: { readonly egress: Egress; readonly clock: Clock },
): MaximoSession['get'] {
  if (method !== 'oauth' && method !== 'oidc') {
    const proof = staticHeaders(method, credential.reveal())
    return (question, call) => ask(question, call, proof)
  }
  const bearer = openBearer({ method, credential, post: egress.postForm, clock, onReplaced })
  return (question, call) => askWithBearer(bearer, call, (proof) => ask(question, call, proof))
}

/** A bearer may be withdrawn before its time: a refused one is replaced once, since asking with a new one is no guess. */
async function askWithBearer(
  bearer: Bearer,
  call: MaximoCall,
  ask: (proof: readonly string[]) => Promise<unknown>,
): Promise<unknown> {
  const token = await bearer.token(call.signal)
  try {
    return await ask(bearerHeaders(token))
  } catch (error) {
    if (!(error instanceof MaximoFault && error.kind === 'credentials_rejected')) throw error
    bearer.discard(token)
    const next = await bearer.token(call.signal)
    if (next === token) throw error
    return ask(bearerHeaders(next))
  }
}

const keepNothing = (): Promise<void> => Promise.resolve()

/** Never a cookie: Maximo would prefer a credential-less session to the key beside it (401 BMXAA0021E). */
const commonHeaders = (publicUri: string): readonly string[] => [
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
