import type { MaximoUser } from '../auth/users.ts'
import type { Authenticator } from '../auth/authenticate.ts'
import type { Clock } from '../../../kernel/clock.ts'
import type { Database } from '../plant/database.ts'
import { childFilter } from '../query/child-filters.ts'
import type { Parameters } from '../query/parameters.ts'
import type { StableSets } from '../query/stable-sets.ts'
import { hrefsFor } from '../render/hrefs.ts'
import type { Json } from '../render/json.ts'
import type { RenderContext } from '../render/render-context.ts'
import type { SimulatorRules } from '../rules.ts'
import type { Files } from '../write/attachments.ts'
import type { WhereScope } from '../where/predicate.ts'

/** The instance that answers. */
export interface Instance {
  readonly plant: Database
  readonly clock: Clock
  readonly rules: SimulatorRules
  readonly authenticator: Authenticator
  /** This listener's own address. */
  readonly origin: () => string
  /** Ids of transactions that succeeded, and when. */
  readonly transactions: Map<string, number>
  readonly files: Files
  /** Input nodes of workflows that wait for an answer: their transient address and the assignment. */
  readonly transients: Map<string, number>
  readonly stableSets: StableSets
}

/** One authenticated request, taken apart. */
export interface Exchange {
  readonly instance: Instance
  readonly user: MaximoUser
  /** The session it is part of, or has just opened. */
  readonly sessionId: string | null
  readonly method: string
  readonly context: 'oslc' | 'api'
  /** Path segments below the context, decoded. */
  readonly segments: readonly string[]
  readonly parameters: Parameters
  /** A request header by its lower-case name. */
  readonly header: (name: string) => string | null
  readonly contentType: string
  readonly body: Buffer
  readonly isLean: boolean
}

export interface Answer {
  readonly status: number
  /** Absent: an empty answer, or a file. */
  readonly body?: Json
  readonly file?: { readonly contentType: string; readonly bytes: Buffer }
  readonly headers?: Readonly<Record<string, string>>
}

export const answer = (body: Json): Answer => ({ status: 200, body })

export const scopeOf = ({ instance, user }: Exchange): WhereScope => ({
  plant: instance.plant,
  rules: instance.rules,
  clock: instance.clock,
  zone: user.timezone,
})

export function renderContextOf(exchange: Exchange): RenderContext {
  const { instance, parameters, user } = exchange
  return {
    plant: instance.plant,
    clock: instance.clock,
    rules: instance.rules,
    hrefs: hrefsOf(exchange),
    zone: user.timezone,
    dropNulls: parameters.get('_dropnulls') !== '0',
    internalValues: parameters.has('internalvalues'),
    collectionRefs: !parameters.has('ignorecollectionref'),
    narrow: childFilter(parameters, scopeOf(exchange)),
  }
}

export const hrefsOf = (exchange: Exchange): RenderContext['hrefs'] =>
  hrefsFor(
    {
      context: exchange.context,
      isRelative: exchange.parameters.has('relativeuri'),
      publicUri: exchange.header('x-public-uri'),
      origin: exchange.instance.origin(),
    },
    exchange.instance.rules,
  )
