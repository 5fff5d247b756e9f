import type { ObjectSchema } from '../../../maximo/schema/object-schema.ts'
import { rowsIn } from '../result/child-table.ts'

export const KINDS = ['hazard', 'precaution', 'tag_out', 'lock_out'] as const
type Kind = (typeof KINDS)[number]

/** A hazard, or what protects from one, as a work order is told of it. */
export interface Step {
  readonly kind: Kind
  readonly id: string
  readonly description: unknown
  /** Type of a hazard; state in which something must be, and the device that locks it. */
  readonly detail: unknown
  /** In what order a tag-out is applied, and removed. */
  readonly applySeq: unknown
  readonly removeSeq: unknown
  readonly asset: unknown
  readonly location: unknown
}

type Values = Readonly<Record<string, unknown>>

interface Source {
  /** The business object that holds it: a structure may call the child anything. */
  readonly objectName: string
  readonly fields: readonly string[]
  readonly id: string
  readonly step: (row: Values) => Omit<Step, 'kind' | 'id' | 'asset' | 'location'>
}

const NO_ORDER = { applySeq: null, removeSeq: null }
const PLACE = ['assetnum', 'location']

/** The dictionary of Maximo: WOSAFETYLINK, WOPRECAUTION, WOTAGOUT, WOLOCKOUT. */
const SOURCES: Readonly<Record<Kind, Source>> = {
  hazard: {
    objectName: 'WOSAFETYLINK',
    id: 'hazardid',
    fields: ['hazardid', 'hazarddescription', 'hazardtype', 'tagoutid', 'applyseq', 'removeseq', ...PLACE],
    step: (row) => ({ description: row['hazarddescription'], detail: row['hazardtype'], ...NO_ORDER }),
  },
  precaution: {
    objectName: 'WOPRECAUTION',
    id: 'precautionid',
    fields: ['precautionid', 'description'],
    step: (row) => ({ description: row['description'], detail: null, ...NO_ORDER }),
  },
  tag_out: {
    objectName: 'WOTAGOUT',
    id: 'tagoutid',
    fields: ['tagoutid', 'description', 'requiredstate', ...PLACE],
    step: (row) => ({ description: row['description'], detail: row['requiredstate'], ...NO_ORDER }),
  },
  lock_out: {
    objectName: 'WOLOCKOUT',
    id: 'lockoutid',
    fields: ['lockoutid', 'description', 'devicedescription', 'requiredstate', ...PLACE],
    step: (row) => ({
      description: row['description'] ?? row['devicedescription'],
      detail: [row['devicedescription'], row['requiredstate']]
        .filter((one) => typeof one === 'string')
        .join(': '),
      ...NO_ORDER,
    }),
  },
}

/** Where each kind stands in the work orders of this Maximo, as far as this caller sees it. */
export interface Offered {
  /** Fields per child, as a select takes them. */
  readonly children: Readonly<Record<string, readonly string[]>>
  readonly kinds: readonly Kind[]
  readonly missing: readonly Kind[]
  readonly stepsOf: (order: Values) => readonly Step[]
}

export function offeredBy(schema: ObjectSchema): Offered {
  const found = KINDS.flatMap((kind) => {
    const child = [...schema.children.values()].find(
      ({ objectName }) => objectName === SOURCES[kind].objectName,
    )
    if (child === undefined) return []
    const { fields } = child
    if (fields?.has(SOURCES[kind].id) === false) return []
    const known = fields === null ? ['*'] : SOURCES[kind].fields.filter((name) => fields.has(name))
    return [{ kind, name: child.name, fields: known }]
  })
  return {
    children: Object.fromEntries(found.map(({ name, fields }) => [name, fields])),
    kinds: found.map(({ kind }) => kind),
    missing: KINDS.filter((kind) => found.every((one) => one.kind !== kind)),
    stepsOf(order) {
      const rowsOf = (kind: Kind): readonly Values[] => {
        const source = found.find((one) => one.kind === kind)
        return source === undefined ? [] : rowsIn(order[source.name])
      }
      const links = rowsOf('hazard')
      return found.flatMap(({ kind }) => stepsIn(kind, rowsOf(kind), links))
    },
  }
}

function stepsIn(kind: Kind, rows: readonly Values[], links: readonly Values[]): readonly Step[] {
  const { id, step } = SOURCES[kind]
  return rows
    .filter((row) => typeof row[id] === 'string')
    .map((row) => ({
      ...step(row),
      ...(kind === 'tag_out' && orderOf(row, links)),
      ...{ kind, id: String(row[id]), asset: row['assetnum'] ?? null, location: row['location'] ?? null },
    }))
}

/** The links say in what order tag-outs are applied. */
function orderOf({ tagoutid }: Values, links: readonly Values[]): Pick<Step, 'applySeq' | 'removeSeq'> {
  const link = links.find((row) => row['tagoutid'] === tagoutid)
  return { applySeq: link?.['applyseq'] ?? null, removeSeq: link?.['removeseq'] ?? null }
}
