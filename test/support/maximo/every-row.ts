import type { PlantDoor } from './plant-door.ts'

/** Every row of every page of a list tool, one column of each. */
export interface EveryRow {
  readonly values: readonly string[]
  readonly total: unknown
  readonly pages: number
}

const MAX_PAGES = 60

/** @throws Error when the tool refuses, or the pages do not end */
export async function everyRow(
  plant: PlantDoor,
  { tool, args, column }: { readonly tool: string; readonly args: object; readonly column: string },
): Promise<EveryRow> {
  const values: string[] = []
  let cursor: unknown
  let total: unknown
  for (let pages = 1; pages <= MAX_PAGES; pages += 1) {
    const paged = { ...args, limit: 100, ...(typeof cursor === 'string' && { cursor }) }
    const { body, text, isError } = await plant.ask('call_read_tool', { tool, arguments: paged })
    if (isError) throw new Error(text)
    const at = (body['cols'] as string[]).indexOf(column)
    values.push(...(body['rows'] as unknown[][]).map((row) => String(row[at])))
    total ??= body['total']
    cursor = body['cursor']
    if (cursor === null) return { values, total, pages }
  }
  throw new Error('the pages do not end')
}
