import type { Clock } from '../kernel/clock.ts'
import { Cache } from './cache.ts'
import type {
  DomainValue,
  MaximoCall,
  MaximoVersion,
  ObjectRight,
  ObjectStructureInfo,
  SavedQueryInfo,
  WhoAmI,
} from './contract.ts'
import { detached } from './detached.ts'
import { readDomain, readObjectStructures, readWhoAmI } from './directory.ts'
import { MaximoFault } from './fault.ts'
import type { CompileExtras } from './query/fields.ts'
import { instantWriter } from './query/instant-writer.ts'
import type { Mentions } from './mentions.ts'
import { domainsIn, hasInstants, relationPaths } from './mentions.ts'
import { readRight } from './rights.ts'
import type { Filter } from './query/query.ts'
import { SchemaCatalog } from './schema/catalog.ts'
import type { ObjectSchema } from './schema/object-schema.ts'
import { readSavedQueries } from './schema/saved-queries.ts'
import type { MaximoSession } from './session.ts'
import { readVersion } from './version.ts'

export interface Known {
  readonly schema: ObjectSchema
  readonly extras: CompileExtras
}

/** What this credential knows of its Maximo, each thing asked for once in its lifetime. */
export class Knowledge {
  readonly #session: MaximoSession
  readonly #catalog: SchemaCatalog
  readonly #domains: Cache<readonly DomainValue[]>
  readonly #structures: Cache<readonly ObjectStructureInfo[]>
  /** What could be read, or that it could not: nobody asks twice for what is refused. */
  readonly #checkable: Cache<{ readonly values: readonly DomainValue[] | null }>
  readonly #related: Cache<{ readonly schema: ObjectSchema | null }>
  readonly #saved: Cache<readonly SavedQueryInfo[]>
  readonly #versions: Cache<MaximoVersion>
  readonly #rights: Cache<ObjectRight>
  readonly #profiles: Cache<{ readonly who: WhoAmI | null }>
  /** This Maximo takes no offset beside a time: found out when it refused one. */
  #isNaive = false

  constructor(session: MaximoSession, clock: Clock) {
    this.#session = session
    this.#catalog = new SchemaCatalog(session, clock)
    this.#domains = new Cache(clock)
    this.#structures = new Cache(clock)
    this.#checkable = new Cache(clock)
    this.#related = new Cache(clock)
    this.#saved = new Cache(clock)
    this.#versions = new Cache(clock)
    this.#rights = new Cache(clock)
    this.#profiles = new Cache(clock)
  }

  get isNaive(): boolean {
    return this.#isNaive
  }

  schema(objectStructure: string, call: MaximoCall): Promise<ObjectSchema> {
    return this.#catalog.schema(objectStructure, call)
  }

  objectStructures(call: MaximoCall): Promise<readonly ObjectStructureInfo[]> {
    const own = detached(call)
    return this.#structures.get('', call.signal, () => readObjectStructures(this.#session, own))
  }

  domainValues(domainId: string, call: MaximoCall): Promise<readonly DomainValue[]> {
    const own = detached(call)
    return this.#domains.get(domainId.toUpperCase(), call.signal, () =>
      readDomain(domainId, this.#session, own),
    )
  }

  savedQueries(objectStructure: string, call: MaximoCall): Promise<readonly SavedQueryInfo[]> {
    const [name, own] = [objectStructure.toLowerCase(), detached(call)]
    return this.#saved.get(name, call.signal, () => readSavedQueries(name, this.#session, own))
  }

  version(call: MaximoCall): Promise<MaximoVersion> {
    const own = detached(call)
    return this.#versions.get('', call.signal, () => readVersion(this.#session, own))
  }

  right(objectStructure: string, call: MaximoCall): Promise<ObjectRight> {
    const [name, own] = [objectStructure.toUpperCase(), detached(call)]
    return this.#rights.get(name, call.signal, () => readRight(name, this.#session, own))
  }

  /**
   * Asks a question. Instances disagree about the form of a point in time (maximo-api §2.2): one that refuses the
   * documented form is asked once more in the other one, and remembered if it takes that.
   */
  async asking<T>(filter: Filter, ask: (isNaive: boolean) => Promise<T>): Promise<T> {
    try {
      return await ask(this.#isNaive)
    } catch (error) {
      if (this.#isNaive || !isRefusedQuestion(error) || !hasInstants(filter)) throw error
      return this.#askingNaively(error, ask)
    }
  }

  /** The schema and everything a query's names refer to beyond it. */
  async gather(
    objectStructure: string,
    mentions: Mentions,
    call: MaximoCall,
    isNaive = false,
  ): Promise<Known> {
    const schema = await this.#catalog.schema(objectStructure, call)
    const paths = relationPaths(mentions)
    const whole = await this.#withChildren(schema, [...mentions.children, ...paths], call)
    const related = paths.length === 0 ? NOTHING : await this.#relatedTo(whole, paths, call)
    const domains = await this.#valuesOf(domainsIn(mentions.filter, whole), call)
    const saved =
      mentions.filter.saved === undefined
        ? null
        : await unlessRefused(this.savedQueries(objectStructure, detached(call)))
    return {
      schema: whole,
      extras: {
        relatedSchema: (relation) => related.get(relation) ?? null,
        domain: (domainId) => domains.get(domainId) ?? null,
        ...(hasInstants(mentions.filter) && {
          writeInstant: instantWriter(await this.#zone(call), isNaive),
        }),
        ...(saved !== null && { savedQueries: () => saved }),
      },
    }
  }

  clear(): void {
    this.#catalog.clear()
    this.#domains.clear()
    this.#structures.clear()
    this.#checkable.clear()
    this.#related.clear()
    this.#saved.clear()
    this.#versions.clear()
    this.#rights.clear()
    this.#profiles.clear()
  }

  async #askingNaively<T>(refusal: MaximoFault, ask: (isNaive: boolean) => Promise<T>): Promise<T> {
    try {
      const answer = await ask(true)
      this.#isNaive = true
      return answer
    } catch (error) {
      throw isRefusedQuestion(error) ? refusal : error
    }
  }

  /** Where this user's clocks stand, in whose time Maximo reads and writes; null: it does not say. */
  async #zone(call: MaximoCall): Promise<string | null> {
    const own = detached(call)
    const { who } = await this.#profiles.get('', call.signal, async () => ({
      who: await unlessRefused(readWhoAmI(this.#session, own)),
    }))
    return who?.timeZone ?? null
  }

  /**
   * The rows at the end of each path of relations. A user may read `location.description` of a work order without any
   * right on locations: then names pass unchecked.
   */
  async #relatedTo(
    schema: ObjectSchema,
    paths: readonly string[],
    call: MaximoCall,
  ): Promise<ReadonlyMap<string, ObjectSchema>> {
    const found = new Map<string, ObjectSchema>()
    for (const path of paths) {
      const [, before = '', relation = ''] = /^(?:(.*)\.)?([^.]*)$/.exec(path) ?? []
      const from = before === '' ? schema : found.get(before)
      const objectStructure = from?.relations.get(relation)
      if (objectStructure === undefined) continue
      const related = await this.#related.get(objectStructure, call.signal, async () => ({
        schema: await unlessRefused(this.#catalog.schema(objectStructure, detached(call))),
      }))
      if (related.schema !== null) found.set(path, related.schema)
    }
    return found
  }

  async #valuesOf(
    domainIds: readonly string[],
    call: MaximoCall,
  ): Promise<ReadonlyMap<string, readonly DomainValue[]>> {
    const found = new Map<string, readonly DomainValue[]>()
    for (const domainId of domainIds) {
      const known = await this.#checkable.get(domainId, call.signal, async () => ({
        values: await unlessRefused(this.domainValues(domainId, detached(call))),
      }))
      if (known.values !== null) found.set(domainId, known.values)
    }
    return found
  }

  async #withChildren(
    schema: ObjectSchema,
    names: readonly string[],
    call: MaximoCall,
  ): Promise<ObjectSchema> {
    if (names.length === 0) return schema
    return this.#catalog.withChildren(
      schema,
      names.map((name) => name.toLowerCase()),
      call,
    )
  }
}

/** What only helps must not stop the question itself. */
const unlessRefused = async <T>(asked: Promise<T>): Promise<T | null> => {
  try {
    return await asked
  } catch (error) {
    const isRefusal = error instanceof MaximoFault && REFUSALS.has(error.kind)
    if (isRefusal) return null
    throw error
  }
}

const isRefusedQuestion = (error: unknown): error is MaximoFault =>
  error instanceof MaximoFault && error.kind === 'invalid_query'

const REFUSALS: ReadonlySet<string> = new Set(['not_permitted', 'not_found', 'invalid_query', 'too_large'])
const NOTHING: ReadonlyMap<string, ObjectSchema> = new Map()
