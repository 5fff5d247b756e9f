import type { Clock } from '../kernel/clock.ts'
import { Cache } from './cache.ts'
import type { DomainValue, MaximoCall, ObjectStructureInfo } from './contract.ts'
import { readDomain, readObjectStructures } from './directory.ts'
import { MaximoFault } from './fault.ts'
import type { CompileExtras } from './query/fields.ts'
import type { Condition, Criterion, Filter } from './query/query.ts'
import { SchemaCatalog } from './schema/catalog.ts'
import type { ObjectSchema } from './schema/object-schema.ts'
import type { MaximoSession } from './session.ts'

/** The names a query mentions: whatever is needed to check them is fetched before it is compiled. */
export interface Mentions {
  readonly filter: Filter
  /** Fields selected, sorted or grouped by. */
  readonly names: readonly string[]
  readonly children: readonly string[]
}

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

  constructor(session: MaximoSession, clock: Clock) {
    this.#session = session
    this.#catalog = new SchemaCatalog(session, clock)
    this.#domains = new Cache(clock)
    this.#structures = new Cache(clock)
    this.#checkable = new Cache(clock)
    this.#related = new Cache(clock)
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

  /** The schema and everything a query's names refer to beyond it. */
  async gather(objectStructure: string, mentions: Mentions, call: MaximoCall): Promise<Known> {
    const schema = await this.#catalog.schema(objectStructure, call)
    const paths = relationPaths(mentions)
    const whole = await this.#withChildren(schema, [...mentions.children, ...paths], call)
    const related = paths.length === 0 ? NOTHING : await this.#relatedTo(whole, paths, call)
    const domains = await this.#valuesOf(domainsIn(mentions.filter, whole), call)
    return {
      schema: whole,
      extras: {
        relatedSchema: (relation) => related.get(relation) ?? null,
        domain: (domainId) => domains.get(domainId) ?? null,
      },
    }
  }

  clear(): void {
    this.#catalog.clear()
    this.#domains.clear()
    this.#structures.clear()
    this.#checkable.clear()
    this.#related.clear()
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

/** The domains whose values the conditions name. */
const domainsIn = (filter: Filter, schema: ObjectSchema): readonly string[] => {
  const found = new Set<string>()
  for (const { field, op } of conditionsIn(filter)) {
    const domainId = VALUE_OPERATORS.has(op.toLowerCase()) ? domainOf(field, schema) : null
    if (domainId !== null) found.add(domainId)
  }
  return [...found]
}

/** Every condition of the trees; those on the rows of a child under their full name. */
const conditionsIn = ({ all = [], any = [] }: Filter): readonly Condition[] => {
  const visit = (criterion: Criterion): readonly Condition[] => {
    if ('some' in criterion)
      return criterion.all.map((condition) => ({
        ...condition,
        field: `${criterion.some}.${condition.field}`,
      }))
    if ('all' in criterion) return criterion.all.flatMap(visit)
    return 'any' in criterion ? criterion.any.flatMap(visit) : [criterion]
  }
  return [...all, ...any].flatMap(visit)
}

/** For what others wait for too: one asker going away must not end it. The lane's deadline still does. */
const detached = ({ correlationId }: MaximoCall): MaximoCall => ({
  signal: new AbortController().signal,
  correlationId,
})

/** `asset.location.description` goes through `asset` and `asset.location`; each comes after what it goes through. */
const relationPaths = ({ filter, names }: Mentions): readonly string[] => {
  const fields = conditionsIn(filter).map(({ field }) => field)
  const paths = new Set<string>()
  for (const name of [...fields, ...names, ...(filter.search?.fields ?? [])]) {
    const parts = name.trim().toLowerCase().split('.').slice(0, MAX_PARTS)
    for (let length = 1; length < parts.length; length++) paths.add(parts.slice(0, length).join('.'))
  }
  return [...paths]
}

const domainOf = (name: string, schema: ObjectSchema): string | null => {
  const [first = '', second] = name
    .trim()
    .toLowerCase()
    .replace(/_maxvalue$/, '')
    .split('.')
  const field =
    second === undefined ? schema.fields.get(first) : schema.children.get(first)?.fields?.get(second)
  return field?.domainId ?? null
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

const REFUSALS: ReadonlySet<string> = new Set(['not_permitted', 'not_found', 'invalid_query', 'too_large'])
const VALUE_OPERATORS: ReadonlySet<string> = new Set(['eq', 'ne', 'in', 'notin'])
const NOTHING: ReadonlyMap<string, ObjectSchema> = new Map()
const MAX_PARTS = 4
