import { expect, test, vi, type Mock } from 'vitest'
import type { Knowledge } from '../../../src/maximo/knowledge.ts'
import { QueryCompiler } from '../../../src/maximo/query-compiler.ts'
import { manualClock, type ManualClock } from '../../support/clock.ts'
import { aQuery } from './support/compiled.ts'
import { aCall } from './support/scripted-maximo.ts'
import { workOrders } from './support/work-order-schema.ts'

function aCompiler(): {
  readonly clock: ManualClock
  readonly gather: Mock
  readonly compiler: QueryCompiler
} {
  const clock = manualClock()
  const gather = vi.fn(() => Promise.resolve({ schema: workOrders, extras: {} }))
  return { clock, gather, compiler: new QueryCompiler({ gather } as unknown as Knowledge, clock) }
}

test('a question that comes again within a minute is not compiled again', async () => {
  const { clock, gather, compiler } = aCompiler()
  const first = await compiler.compile(aQuery(), aCall())
  clock.advance(59_000)
  expect(await compiler.compile(aQuery(), aCall())).toEqual(first)
  expect(gather).toHaveBeenCalledTimes(1)
  clock.advance(1_000)
  await compiler.compile(aQuery(), aCall())
  expect(gather).toHaveBeenCalledTimes(2)
})

test('another question, however little it differs, is its own', async () => {
  const { gather, compiler } = aCompiler()
  const texts = new Set<unknown>()
  for (const change of [{}, { pageSize: 7 }, { page: { page: 2 } }, { count: true }]) {
    const compiled = await compiler.compile(aQuery(change), aCall())
    texts.add(compiled.ok && JSON.stringify(compiled.value))
  }
  expect(texts.size).toBe(4)
  expect(gather).toHaveBeenCalledTimes(4)
})

test('what is wrong is looked at again, and a closed client keeps nothing', async () => {
  const { gather, compiler } = aCompiler()
  const wrong = aQuery({ select: { fields: ['no_such_field'] } })
  expect((await compiler.compile(wrong, aCall())).ok).toBe(false)
  expect((await compiler.compile(wrong, aCall())).ok).toBe(false)
  expect(gather).toHaveBeenCalledTimes(2)
  await compiler.compile(aQuery(), aCall())
  compiler.clear()
  await compiler.compile(aQuery(), aCall())
  expect(gather).toHaveBeenCalledTimes(4)
})
