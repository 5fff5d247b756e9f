import { ok, type Result } from '../../../kernel/result.ts'
import type { Format } from '../query/inputs.ts'
import { compactColumns } from '../result/columns.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import type { ToolContext } from '../tool.ts'
import { findSchema } from './object-schema.ts'
import { startReading, type PageRequest } from './read-page.ts'

/** What a tool takes that lists the rows of any object structure. Its other arguments are part of the question. */
interface AskedOfObject {
  readonly object: string
  /** Absent: a compact set. */
  readonly select?: readonly string[] | undefined
  readonly limit: number
  readonly cursor?: string | undefined
  readonly format: Format
}

/**
 * Starts to read rows of the object structure that the caller names, or goes on where the cursor left off. `asked` holds no
 * argument that may differ from page to page but `limit`, `cursor` and `format`.
 *
 * @throws MaximoFault
 */
export async function startOnObject(
  tool: string,
  asked: AskedOfObject,
  context: ToolContext,
): Promise<Result<Pick<PageRequest, 'started' | 'schema' | 'columns' | 'format'>, ToolProblem>> {
  const { limit, cursor, format, ...question } = asked
  const started = await startReading({ tool, question, limit, cursor }, context)
  if (!started.ok) return started
  const found = await findSchema(asked.object, context)
  if (!found.ok) return found
  const schema = found.value
  const columns = asked.select?.map((name) => name.trim().toLowerCase()) ?? compactColumns(schema)
  return ok({ started: started.value, schema, columns, format })
}
