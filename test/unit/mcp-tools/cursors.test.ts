import { expect, test, describe } from 'vitest'
import { cursorsUnder, type Question } from '../../../src/mcp/tools/run/cursors.ts'
import { manualClock } from '../../support/clock.ts'

const KEY = new Uint8Array(32).fill(1)
const QUESTION: Question = {
  subject: 'user_1',
  environment: 'env_1',
  tool: 'query_records',
  query: ['MXAPIASSET', 1],
}
const PLACE = { page: 3, skip: 7, pageSize: 25, atMs: 1_795_305_600_000 }

test('a cursor leads back to its place, and says nothing to whoever carries it', async () => {
  const cursors = cursorsUnder(KEY, manualClock())
  const sealed = await cursors.seal(PLACE, QUESTION)
  expect(await cursors.open(sealed, QUESTION)).toEqual({ ok: true, value: PLACE })
  expect(Buffer.from(sealed.split('.')[3] ?? '', 'base64url').toString()).not.toContain('"p":3')
  expect(sealed.length).toBeLessThan(300)
})

describe('a cursor is refused', () => {
  const refusal = (what: string): object => ({
    ok: false,
    error: { kind: 'cursor_invalid', what: expect.stringContaining(what) },
  })

  test.each<[string, Partial<Question>]>([
    ['to another person', { subject: 'user_2' }],
    ['in another environment', { environment: 'env_2' }],
    ['by another tool', { tool: 'search_work_orders' }],
    ['for another query', { query: ['MXAPIASSET', 2] }],
  ])('%s', async (_name, bend) => {
    const cursors = cursorsUnder(KEY, manualClock())
    const sealed = await cursors.seal(PLACE, QUESTION)
    expect(await cursors.open(sealed, { ...QUESTION, ...bend })).toMatchObject(refusal('another question'))
  })

  test('after half an hour, and not a moment before', async () => {
    const clock = manualClock()
    const cursors = cursorsUnder(KEY, clock)
    const sealed = await cursors.seal(PLACE, QUESTION)
    clock.advance(30 * 60_000 - 1)
    expect(await cursors.open(sealed, QUESTION)).toMatchObject({ ok: true })
    clock.advance(1)
    expect(await cursors.open(sealed, QUESTION)).toMatchObject(refusal('expired'))
  })

  test('when it was changed, cut, made by another server or is no cursor', async () => {
    const cursors = cursorsUnder(KEY, manualClock())
    const sealed = await cursors.seal(PLACE, QUESTION)
    const foreign = await cursorsUnder(new Uint8Array(32).fill(2), manualClock()).seal(PLACE, QUESTION)
    const flipped = sealed.slice(0, -30) + (sealed.at(-30) === 'A' ? 'B' : 'A') + sealed.slice(-29)
    for (const bad of [flipped, sealed.slice(0, -4), foreign, '', 'x', '....', 'x'.repeat(5_000)]) {
      expect(await cursors.open(bad, QUESTION)).toMatchObject(refusal('cannot be read'))
    }
  })
})
