import type { MaximoRecord } from '../../../maximo/contract.ts'
import { MaximoFault } from '../../../maximo/fault.ts'
import { ok } from '../../../kernel/result.ts'
import { inState } from '../lists/states.ts'
import { tableOf, type ChildTable } from '../result/child-table.ts'
import type { ToolContext } from '../tool.ts'
import { words, type Related } from './sections.ts'

const MAX_ROWS = 25

/** The records of another object that belong to one, or a note why they cannot be shown. */
export async function relatedTable(
  name: string,
  related: Related,
  record: MaximoRecord,
  context: ToolContext,
): Promise<ChildTable | string> {
  const all = related.of(record)
  if (all === null) return tableOf(name, [], { fields: null, total: 0 })
  try {
    const { objectStructure, columns, order } = related
    const status = related.in === undefined ? ok([]) : await inState(related.in, related, context)
    if (!status.ok) return `"${name}" is not known. ${status.error.what}`
    const schema = await context.maximo.schema(objectStructure, context.call)
    const fields = words(columns).filter((column) => schema.fields.has(column))
    const query = {
      objectStructure,
      all: [...all, ...status.value],
      select: { fields },
      orderBy: order,
      pageSize: MAX_ROWS,
      count: true,
    }
    const page = await context.maximo.query(query, context.call)
    if (!page.ok) return `This Maximo cannot be asked for "${name}".`
    const rows = page.value.records.map(({ values }) =>
      Object.fromEntries(fields.map((field) => [field, values[field]])),
    )
    return tableOf(name, rows, { fields: schema.fields, total: page.value.total })
  } catch (error) {
    if (error instanceof MaximoFault && LEFT_OUT.has(error.kind))
      return `The Maximo user of this connection may not read "${name}" (${related.objectStructure}).`
    throw error
  }
}

const LEFT_OUT: ReadonlySet<string> = new Set(['not_permitted', 'not_found'])
