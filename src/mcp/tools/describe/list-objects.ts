import { ok, type Result } from '../../../kernel/result.ts'
import type { ObjectStructureInfo } from '../../../maximo/contract.ts'
import { asOf } from '../as-of.ts'
import { didYouMean } from '../did-you-mean.ts'
import { DEFAULT_TOKENS } from '../inputs.ts'
import { fitRows, tableText } from '../result/answer-text.ts'
import { visible } from '../result/visible.ts'
import type { ToolProblem } from '../tool-problem.ts'
import type { ToolAnswer, ToolContext } from '../tool.ts'

const COLUMNS = ['object', 'description']

/** The object structures the Maximo user may use, by name; those whose name or description has the keyword's words. */
export async function listObjects(
  keyword: string | undefined,
  context: ToolContext,
): Promise<Result<ToolAnswer, ToolProblem>> {
  const all = await context.maximo.objectStructures(context.call)
  const found = keyword === undefined ? all : all.filter((object) => matches(object, keyword))
  const fitted = fitRows(found.map(cells), COLUMNS, { format: 'compact', maxTokens: DEFAULT_TOKENS })
  const notes: string[] = []
  if (fitted.isCut) notes.push('Cut: give a keyword to see fewer.')
  if (keyword !== undefined && found.length === 0) notes.push(nothingFound(keyword, all))
  const envelope = {
    env: context.environment.host,
    env_id: context.environment.id,
    ...asOf(context),
    returned: fitted.lines.length,
    total: found.length,
    complete: !fitted.isCut,
    cursor: null,
    ...(notes.length > 0 && { notes }),
  }
  const text = tableText(envelope, COLUMNS, fitted.lines, 'compact')
  return ok({ text, recordCount: fitted.lines.length })
}

const cells = ({ name, description }: ObjectStructureInfo): readonly unknown[] => [
  name.toLowerCase(),
  description,
]

function matches({ name, description }: ObjectStructureInfo, keyword: string): boolean {
  const text = `${name} ${description ?? ''}`.toLowerCase()
  return keyword
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}

function nothingFound(keyword: string, all: readonly ObjectStructureInfo[]): string {
  const names = all.map(({ name }) => name.toLowerCase())
  return `Nothing has "${visible(keyword)}" in its name or description.${didYouMean(keyword, names)}`
}
