import type { Clock } from '../kernel/clock.ts'
import type { Result } from '../kernel/result.ts'
import { ok } from '../kernel/result.ts'
import { Cache } from './cache.ts'
import type { MaximoCall } from './contract.ts'
import type { Knowledge } from './knowledge.ts'
import type { Mentions } from './mentions.ts'
import type { CompiledQuery } from './query/compile.ts'
import { compileQuery } from './query/compile.ts'
import type { Query, QueryProblem } from './query/query.ts'

/** Compiles what a client is asked against what it knows. The same questions come again: each is compiled once a minute. */
export class QueryCompiler {
  readonly #knowledge: Knowledge
  readonly #compiled: Cache<CompiledQuery>

  constructor(knowledge: Knowledge, clock: Clock) {
    this.#knowledge = knowledge
    this.#compiled = new Cache(clock, LIFETIME_MS)
  }

  /**
   * @param isNaive Points in time are written without an offset.
   * @throws MaximoFault when what is needed to check the question cannot be read
   */
  async compile(
    query: Query,
    call: MaximoCall,
    isNaive = false,
  ): Promise<Result<CompiledQuery, readonly QueryProblem[]>> {
    const key = `${isNaive ? 'naive ' : ''}${JSON.stringify(query)}`
    const known = this.#compiled.peek(key)
    if (known !== undefined) return ok(known)
    const mentions = mentionsOf(query)
    const { schema, extras } = await this.#knowledge.gather(query.objectStructure, mentions, call, isNaive)
    const compiled = compileQuery(query, schema, extras)
    if (compiled.ok && key.length <= MAX_KEY) this.#compiled.keep(key, compiled.value)
    return compiled
  }

  clear(): void {
    this.#compiled.clear()
  }
}

const mentionsOf = (query: Query): Mentions => ({
  filter: query,
  names: [...query.select.fields, ...(query.orderBy ?? []).map(({ field }) => field)],
  children: Object.keys(query.select.children ?? {}),
})

/** A schema that changed is noticed at most so much later than it would be anyway. */
const LIFETIME_MS = 60_000
/** Characters. Long lists of values are compiled each time: they seldom come twice. */
const MAX_KEY = 2_000
