import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { callOnce, strangersCall } from './load.ts'
import { PROXY } from './line-up.ts'
import type { Contender } from './measure.ts'
import { shaped, type WorkOrder } from './workload.ts'

const toolAnswer = z.looseObject({
  result: z.looseObject({ content: z.array(z.looseObject({ text: z.string() })).length(1) }),
})
const rowsAnswer = z.looseObject({
  cols: z.array(z.string()),
  rows: z.array(z.array(z.unknown())),
  returned: z.number(),
  total: z.number(),
  complete: z.literal(true),
})
const page = z.looseObject({ member: z.array(z.custom<WorkOrder>()) })

/**
 * Before anything is timed: every server gives the same rows, whole and in order.
 *
 * @throws naming the server whose answer differs.
 */
export async function assertSameAnswers(contenders: readonly Contender[]): Promise<void> {
  const answers = new Map<string, unknown>()
  for (const { name, target } of contenders) {
    const body: unknown = JSON.parse(await callOnce(target))
    answers.set(name, name === PROXY ? shaped(page.parse(body).member) : rowsOf(body))
    // A token that is refused, or a Maximo that fails, would be the cheapest call of all.
    if (target.strangers === undefined) continue
    const first = await callOnce(strangersCall(target, target.strangers))
    answers.set(`${name}, the first`, rowsOf(JSON.parse(first)))
  }
  assertAlike(answers, 'rows')
}

const listAnswer = z.looseObject({
  result: z.looseObject({ tools: z.array(z.looseObject({ name: z.string(), description: z.string() })) }),
})

/** @throws naming the server that lists other tools. */
export async function assertSameLists(contenders: readonly Contender[]): Promise<void> {
  const lists = new Map<string, unknown>()
  for (const { name, target } of contenders) {
    const { tools } = listAnswer.parse(JSON.parse(await callOnce(target))).result
    lists.set(
      name,
      tools.map((tool) => [tool.name, tool.description]),
    )
  }
  assertAlike(lists, 'tools')
}

function assertAlike(answers: ReadonlyMap<string, unknown>, what: string): void {
  const [first, ...others] = [...answers]
  for (const [name, answer] of others) {
    if (!isDeepStrictEqual(answer, first?.[1]))
      throw new Error(`${name} answers other ${what} than ${first?.[0] ?? ''}`)
  }
}

function rowsOf(body: unknown): { cols: unknown; rows: unknown } {
  const text = toolAnswer.parse(body).result.content[0]?.text ?? ''
  const { cols, rows } = rowsAnswer.parse(JSON.parse(text))
  return { cols, rows }
}
