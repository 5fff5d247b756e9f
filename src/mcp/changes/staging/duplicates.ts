import type { MaximoRecord } from '../../../maximo/contract.ts'
import type { Condition } from '../../../maximo/query/query.ts'
import type { ObjectSchema } from '../../../maximo/schema/object-schema.ts'
import type { WriteValues } from '../../../maximo/write/contract.ts'
import { visible } from '../../tools/result/visible.ts'
import type { ToolContext } from '../../tools/tool.ts'
import { labelOf, titleOf } from './find-existing.ts'

/** Business objects of which people make a second record because they did not see the first. */
const NUMBERED: ReadonlySet<string> = new Set(['WORKORDER', 'TICKET', 'SR'])

/**
 * Open records about the same asset or place whose words are much the same. Its sentences go before whoever decides; it
 * refuses nothing. @throws MaximoFault
 */
export async function likelyDuplicates(
  values: WriteValues,
  schema: ObjectSchema,
  context: ToolContext,
): Promise<readonly string[]> {
  const { description, assetnum, location, siteid } = values
  const about: Condition | null =
    typeof assetnum === 'string'
      ? { field: 'assetnum', op: 'eq', value: assetnum }
      : typeof location === 'string'
        ? { field: 'location', op: 'eq', value: location }
        : null
  if (!NUMBERED.has(schema.objectName) || typeof description !== 'string' || about === null) return []
  const open: Condition[] = [{ field: 'historyflag', op: 'eq', value: false }]
  const site: Condition[] = typeof siteid === 'string' ? [{ field: 'siteid', op: 'eq', value: siteid }] : []
  const found = await context.maximo.query(
    {
      objectStructure: schema.resource,
      all: [about, ...open, ...site],
      select: { fields: [...schema.key, 'description', 'status'] },
      pageSize: MOST_READ,
    },
    context.call,
  )
  if (!found.ok) return []
  const alike = found.value.records.filter(
    (record) => similarity(description, titleOf(record) ?? '') >= ALIKE,
  )
  return alike.slice(0, MOST_SAID).map((record) => sentence(record, schema))
}

const sentence = (record: MaximoRecord, schema: ObjectSchema): string =>
  `${labelOf(record, schema)} (${String(record.values['status'])}) looks like the same: "${visible(titleOf(record) ?? '')}"`

/** Share of words in common (Dice), from 0 to 1. */
export function similarity(left: string, right: string): number {
  const [a, b] = [wordsOf(left), wordsOf(right)]
  const common = [...a].filter((word) => b.has(word)).length
  return a.size + b.size === 0 ? 0 : (2 * common) / (a.size + b.size)
}

const wordsOf = (text: string): ReadonlySet<string> =>
  new Set(text.toLowerCase().match(/[\p{L}\p{N}]{2,}/gu) ?? [])

const ALIKE = 0.6
const MOST_READ = 100
const MOST_SAID = 3
