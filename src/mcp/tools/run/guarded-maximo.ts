import type { MaximoCall, MaximoClient } from '../../../maximo/contract.ts'
import { MaximoFault } from '../../../maximo/fault.ts'
import { ASSIGNMENTS } from '../../../maximo/inbox.ts'
import type { Criterion, Filter, GroupQuery, Query } from '../../../maximo/query/query.ts'
import { pagesOf } from '../../../maximo/records/pages.ts'
import type { ObjectSchema } from '../../../maximo/schema/object-schema.ts'
import type { ObjectRights, Touch } from '../../admission/object-rights.ts'

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

/** What must be allowed before a question is asked; each throws {@link ObjectRefused}. */
interface Demands {
  touch(object: string, access: Touch['access']): void
  /** The object, and every other one that the names lead to. */
  read(object: string, names: readonly string[], call: MaximoCall): Promise<void>
}

function demandsOf(client: MaximoClient, rights: ObjectRights): Demands {
  const touch: Demands['touch'] = (object, access) => {
    const asked = { object: object.toUpperCase(), access }
    if (!rights.mayTouch(asked)) throw new ObjectRefused(asked, rights.rule)
  }
  /** A relation leads to rows of another object, one behind it to a third; what we do not know it to be is refused. */
  const along = async (
    schema: ObjectSchema,
    [relation, ...behind]: readonly string[],
    call: MaximoCall,
  ): Promise<void> => {
    if (relation === undefined) return
    const object = schema.relations.get(relation)
    touch(object ?? relation, 'read')
    if (object !== undefined && behind.length > 0)
      await along(await client.schema(object, call), behind, call)
  }
  return {
    touch,
    read: async (object, names, call) => {
      touch(object, 'read')
      for (const path of relationsIn(names)) {
        const schema = await client.schema(object, call)
        if (!schema.children.has(path[0] ?? '')) await along(schema, path, call)
      }
    },
  }
}

function guard(client: MaximoClient, rights: ObjectRights): MaximoClient {
  const demand = demandsOf(client, rights)
  const query: MaximoClient['query'] = async (asked, call) => {
    await demand.read(asked.objectStructure, namesInQuery(asked), call)
    return client.query(asked, call)
  }
  return {
    whoAmI: (call) => client.whoAmI(call),
    objectStructures: async (call) => {
      const all = await client.objectStructures(call)
      return all.filter(({ name }) => rights.mayTouch({ object: name, access: 'describe' }))
    },
    schema: async (name, call) => {
      demand.touch(name, 'describe')
      return client.schema(name, call)
    },
    query,
    preview: async (asked, call) => {
      await demand.read(asked.objectStructure, namesInQuery(asked), call)
      return client.preview(asked, call)
    },
    pages: (asked, call) => pagesOf(asked, (page) => query(page, call)),
    aggregate: async (asked, call) => {
      await demand.read(asked.objectStructure, namesInGroups(asked), call)
      return client.aggregate(asked, call)
    },
    findRecord: async (ref, select, call) => {
      await demand.read(ref.objectStructure, select.fields, call)
      return client.findRecord(ref, select, call)
    },
    inbox: async (part, call) => {
      demand.touch(ASSIGNMENTS, 'read')
      return client.inbox(part, call)
    },
    ...guardOneRecord(client, demand),
    savedQueries: async (name, call) => {
      demand.touch(name, 'describe')
      return client.savedQueries(name, call)
    },
    rights: async (names, call) => {
      for (const name of names) demand.touch(name, 'describe')
      return client.rights(names, call)
    },
    version: (call) => client.version(call),
    domainValues: (domainId, call) => client.domainValues(domainId, call),
    close: () => client.close(),
  }
}

/** What lies at one record. */
const guardOneRecord = (
  client: MaximoClient,
  { touch }: Pick<ReturnType<typeof demandsOf>, 'touch'>,
): Pick<MaximoClient, 'attachments' | 'attachment' | 'attachmentFile' | 'valueList'> => ({
  attachments: async (ref, call) => {
    touch(ref.objectStructure, 'read')
    return client.attachments(ref, call)
  },
  attachment: async (ref, attachmentId, call) => {
    touch(ref.objectStructure, 'read')
    return client.attachment(ref, attachmentId, call)
  },
  attachmentFile: async (ref, attachmentId, call) => {
    touch(ref.objectStructure, 'read')
    return client.attachmentFile(ref, attachmentId, call)
  },
  valueList: async (ref, field, call) => {
    touch(ref.objectStructure, 'read')
    return client.valueList(ref, field, call)
  },
})

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

/** Every field that decides which records are found. */
export const namesInFilter = ({ all = [], any = [], search }: Filter): readonly string[] => [
  ...[...all, ...any].flatMap(namesInCriterion),
  ...(search?.fields ?? []),
]

function namesInCriterion(criterion: Criterion): readonly string[] {
  if ('field' in criterion) return [criterion.field]
  const inner = ('any' in criterion ? criterion.any : criterion.all).flatMap(namesInCriterion)
  return 'some' in criterion ? [`${criterion.some}.*`, ...inner] : inner
}

/** `asset.location.description` goes through `asset`, then `location`. */
const relationsIn = (names: readonly string[]): readonly (readonly string[])[] =>
  [...new Set(names.map((name) => name.trim().toLowerCase().split('.').slice(0, -1).join('.')))]
    .filter((path) => path !== '')
    .map((path) => path.split('.'))
