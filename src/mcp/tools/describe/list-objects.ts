import { ok, type Result } from '../../../kernel/result.ts'
import type { ObjectStructureInfo } from '../../../maximo/contract.ts'
import { didYouMean } from '../problem/did-you-mean.ts'
import { tableAnswer } from '../result/table-answer.ts'
import { visible } from '../result/visible.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import type { ToolAnswer, ToolContext } from '../tool.ts'

const COLUMNS = ['object', 'description']

/** The object structures the Maximo user may use, by name; those whose name or description has the keyword's words. */
export async function listObjects(
  keyword: string | undefined,
  context: ToolContext,
): Promise<Result<ToolAnswer, ToolProblem>> {
  const all = await context.maximo.objectStructures(context.call)
  const found = keyword === undefined ? all : all.filter((object) => matches(object, keyword))
  return ok(
    tableAnswer(
      {
        columns: COLUMNS,
        rows: found.map(cells),
        notes: keyword !== undefined && found.length === 0 ? [nothingFound(keyword, all)] : [],
        whenCut: 'give a keyword to see fewer.',
      },
      context,
    ),
  )
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
