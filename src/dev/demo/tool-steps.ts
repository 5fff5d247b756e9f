import { z } from 'zod'
import type { Stack } from '../processes/stack.ts'
import { rpc, type Era } from '../walk/rpc.ts'
import type { JsonAnswer } from '../walk/json-http.ts'
import type { Connected } from './connect-step.ts'
import type { Narrator } from './narrator.ts'

const ERAS: readonly Era[] = ['2025-11-25', '2026-07-28']
const listed = z.object({ result: z.looseObject({ tools: z.array(z.looseObject({ name: z.string() })) }) })
const called = z.object({
  result: z.looseObject({
    content: z.array(z.object({ type: z.literal('text'), text: z.string() })),
    isError: z.boolean().optional(),
  }),
})
const rowsAnswer = z.looseObject({
  cols: z.array(z.string()),
  rows: z.array(z.array(z.unknown())),
  returned: z.number(),
  total: z.number().nullable(),
})

export async function listStep(connected: Connected, narrator: Narrator): Promise<void> {
  narrator.step('Tools listed in both protocol eras')
  for (const era of ERAS) {
    const answer = await rpc(connected.address, connected.tokens.access_token, era, { method: 'tools/list' })
    const { result } = listed.parse(answer.body)
    narrator.saw(`${era}: ${result.tools.map((tool) => tool.name).join(', ')}`)
  }
}

/** One call of a tool; its text when it succeeded. @throws when the answer is not a result. */
export async function callTool(connected: Connected, era: Era, name: string, args: object): Promise<string> {
  const answer = await call(connected, era, name, args)
  const { result } = called.parse(answer.body)
  if (result.isError === true) throw new Error(`${name}: ${result.content[0]?.text ?? ''}`)
  return result.content[0]?.text ?? ''
}

export const call = (connected: Connected, era: Era, name: string, args: object): Promise<JsonAnswer> =>
  rpc(connected.address, connected.tokens.access_token, era, {
    method: 'tools/call',
    params: { name, arguments: args },
  })

export async function queryStep(stack: Stack, connected: Connected, narrator: Narrator): Promise<void> {
  narrator.step('A question to Maximo: approved work orders at BEDFORD, with the exact total')
  const truth = stack.simulator.plant
    .rows('WORKORDER')
    .filter((row) => row['siteid'] === 'BEDFORD' && row['status'] === 'APPR')
  for (const era of ERAS) {
    const text = await callTool(connected, era, 'query_records', {
      object: 'mxapiwodetail',
      site: 'BEDFORD',
      filters: [{ field: 'status', op: 'eq', value: 'APPR' }],
      select: ['wonum', 'description', 'status', 'wopriority'],
      order_by: ['wonum'],
      limit: 5,
      count: true,
    })
    const answer = rowsAnswer.parse(JSON.parse(text))
    for (const row of era === ERAS[0] ? answer.rows : []) narrator.saw(row.join(' · '))
    narrator.check(
      answer.total === truth.length,
      `${era}: total ${answer.total ?? 'unknown'}, as in the simulator's memory`,
    )
    const known = new Set<unknown>(truth.map((row) => row['wonum']))
    narrator.check(
      answer.returned === Math.min(5, truth.length) && answer.rows.every(([wonum]) => known.has(wonum)),
      `${era}: ${answer.returned} rows, each one of them`,
    )
  }
}
