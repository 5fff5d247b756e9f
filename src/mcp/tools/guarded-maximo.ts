import type { MaximoCall, MaximoClient } from '../../maximo/contract.ts'
import { MaximoFault } from '../../maximo/fault.ts'
import type { Criterion, Filter, GroupQuery, Query } from '../../maximo/query/query.ts'
import type { ObjectRights, Touch } from '../admission/object-rights.ts'

/** The rules of a grant do not let it touch this object. Whoever can do without it catches it as `not_permitted`. */
export class ObjectRefused extends MaximoFault {
  readonly touch: Touch
  /** The rule in words. */
  readonly rule: string

  constructor(touch: Touch, rule: string) {
    super('not_permitted', {
      detail: 'object_rule',
      ...(touch.object === undefined ? {} : { objectStructure: touch.object }),
    })
    this.touch = touch
    this.rule = rule
  }
}

const guarded = new WeakMap<MaximoClient, Map<ObjectRights, MaximoClient>>()

/**
 * A client that asks for nothing outside the rules of a grant, whatever tool uses it and however a question reaches another
 * object. Value lists and the user's own facts belong to no object and stay readable. One per client and rules, since
 * others keep what they know by it.
 *
 * Every method throws {@link ObjectRefused}.
 */
export function guardMaximo(client: MaximoClient, rights: ObjectRights): MaximoClient {
  const ofClient = guarded.get(client) ?? new Map<ObjectRights, MaximoClient>()
  guarded.set(client, ofClient)
  const known = ofClient.get(rights) ?? guard(client, rights)
  ofClient.set(rights, known)
  return known
}

function guard(client: MaximoClient, rights: ObjectRights): MaximoClient {
  const demand = (object: string, access: Touch['access']): void => {
    const touch = { object: object.toUpperCase(), access }
    if (!rights.mayTouch(touch)) throw new ObjectRefused(touch, rights.rule)
  }
  /** A relation leads to rows of another object; what we do not know it to be is refused. */
  const demandRead = async (asked: string, names: readonly string[], call: MaximoCall): Promise<void> => {
    demand(asked, 'read')
    const relations = relationsIn(names)
    if (relations.length === 0) return
    const schema = await client.schema(asked, call)
    for (const relation of relations)
      if (!schema.children.has(relation)) demand(schema.relations.get(relation) ?? relation, 'read')
  }
  return {
    whoAmI: (call) => client.whoAmI(call),
    objectStructures: async (call) => {
      const all = await client.objectStructures(call)
      return all.filter(({ name }) => rights.mayTouch({ object: name, access: 'describe' }))
    },
    schema: async (name, call) => {
      demand(name, 'describe')
      return client.schema(name, call)
    },
    query: async (query, call) => {
      await demandRead(query.objectStructure, namesInQuery(query), call)
      return client.query(query, call)
    },
    aggregate: async (query, call) => {
      await demandRead(query.objectStructure, namesInGroups(query), call)
      return client.aggregate(query, call)
    },
    findRecord: async (ref, select, call) => {
      await demandRead(ref.objectStructure, select.fields, call)
      return client.findRecord(ref, select, call)
    },
    domainValues: (domainId, call) => client.domainValues(domainId, call),
    close: () => client.close(),
  }
}

const namesInQuery = (query: Query): readonly string[] => [
  ...query.select.fields,
  ...(query.orderBy ?? []).map(({ field }) => field),
  ...namesInFilter(query),
]

const namesInGroups = (query: GroupQuery): readonly string[] => [
  ...query.groupBy,
  ...query.metrics.flatMap((metric) => (metric.kind === 'count' ? [] : [metric.field])),
  ...namesInFilter(query),
]

const namesInFilter = ({ all = [], any = [], search }: Filter): readonly string[] => [
  ...[...all, ...any].flatMap(namesInCriterion),
  ...(search?.fields ?? []),
]

function namesInCriterion(criterion: Criterion): readonly string[] {
  if ('field' in criterion) return [criterion.field]
  const inner = ('any' in criterion ? criterion.any : criterion.all).flatMap(namesInCriterion)
  return 'some' in criterion ? [`${criterion.some}.*`, ...inner] : inner
}

/** `location.description` goes through `location`. */
const relationsIn = (names: readonly string[]): readonly string[] => [
  ...new Set(
    names
      .map((name) => name.trim().toLowerCase().split('.'))
      .flatMap(([first = '', ...rest]) => (rest.length === 0 ? [] : [first])),
  ),
]
