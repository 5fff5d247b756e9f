import { expect, test } from 'vitest'
import { openJournal } from '../../../src/kernel/journal.ts'
import { randomId } from '../../../src/kernel/random.ts'
import { err, ok } from '../../../src/kernel/result.ts'
import type { McpCalls } from '../../../src/portal/mcp-calls.ts'
import { openPortalRecords } from '../../../src/portal/records/records.ts'
import { createRevocations } from '../../../src/portal/revoke/revocations.ts'
import { manualClock } from '../../support/clock.ts'
import { scratchFolder } from '../../support/folder.ts'
import { captureLog } from '../../support/log.ts'
import { SwitchedStore } from '../../support/store/switched-store.ts'

type Answer = Awaited<ReturnType<McpCalls['revoke']>>

/** Revocations whose MCP server answers as told, and counts. */
async function aWorld(answer: () => Answer) {
  const clock = manualClock()
  const journal = await openJournal({ folder: await scratchFolder(), writer: 'portal-1', clock })
  const { log } = captureLog()
  const records = await openPortalRecords({ journal, store: new SwitchedStore(clock), clock, log })
  const asked: unknown[] = []
  const revoke: McpCalls['revoke'] = async (ask) => {
    asked.push(ask)
    return answer()
  }
  const maxS = Math.floor(clock.nowMs() / 1000) + 86_400
  const end = { gid: randomId(), maxS, by: 'owner' as const, reason: 'revoked' as const }
  return { records, asked, end, revocations: createRevocations({ records, mcp: { revoke }, log }) }
}

test('an end is journaled before the MCP server is asked, and settled by its answer', async () => {
  const { records, asked, end, revocations } = await aWorld(() => ok({ state: 'enforced' }))
  expect(await revocations.endGrant(end)).toBe('enforced')
  expect(asked).toEqual([{ target: { kind: 'grant', gid: end.gid }, reason: 'revoked', by: 'owner' }])
  expect(await records.isEnded(end.gid)).toBe(true)
  expect(records.connections.pending()).toHaveLength(0)
})

test('recorded is not called enforced', async () => {
  const { end, revocations } = await aWorld(() => ok({ state: 'recorded' }))
  expect(await revocations.endGrant(end)).toBe('recorded')
})

test.each([
  ['silent', err({ reason: 'unavailable' as const })],
  ['refusing', err({ reason: 'refused' as const, refusal: 'x' })],
])(
  'while the MCP server is %s it is pending, ended here, and asked again until it answers',
  async (_how, no) => {
    let answer: Answer = no
    const { records, asked, end, revocations } = await aWorld(() => answer)
    expect(await revocations.endGrant(end)).toBe('pending')
    expect(await records.isEnded(end.gid)).toBe(true)
    await revocations.retry()
    expect(records.connections.pending()).toHaveLength(1)
    answer = ok({ state: 'enforced' })
    await revocations.retry()
    expect(records.connections.pending()).toHaveLength(0)
    await revocations.retry()
    expect(asked).toHaveLength(3)
  },
)

test('parallel ends of one grant are one end', async () => {
  const { asked, end, revocations } = await aWorld(() => ok({ state: 'enforced' }))
  const forces = await Promise.all(Array.from({ length: 20 }, () => revocations.endGrant(end)))
  expect(new Set(forces)).toEqual(new Set(['enforced']))
  expect(asked).toHaveLength(1)
})

test('a second try of a pending end asks for the same one, and adds none', async () => {
  let answer: Answer = err({ reason: 'unavailable' })
  const { records, end, revocations } = await aWorld(() => answer)
  await revocations.endGrant(end)
  await revocations.endGrant(end)
  expect(records.connections.pending()).toHaveLength(1)
  answer = ok({ state: 'enforced' })
  expect(await revocations.endGrant(end)).toBe('enforced')
  expect(records.connections.pending()).toHaveLength(0)
})

test('a token ends by itself, without its grant', async () => {
  const { records, asked, end, revocations } = await aWorld(() => ok({ state: 'enforced' }))
  const rid = randomId()
  expect(await revocations.endToken({ rid, untilS: end.maxS, by: 'mxc_1' })).toBe('enforced')
  expect(asked).toEqual([{ target: { kind: 'token', rid, until: end.maxS }, reason: 'revoked', by: 'mxc_1' }])
  expect(await records.isEnded(end.gid)).toBe(false)
})

test('an end that a crash left between its two records is told to the MCP server all the same', async () => {
  const { records, asked, end, revocations } = await aWorld(() => ok({ state: 'enforced' }))
  await records.record('connection.ended', end)
  await revocations.retry()
  expect(asked).toEqual([{ target: { kind: 'grant', gid: end.gid }, reason: 'revoked', by: 'owner' }])
  expect(records.connections.pending()).toHaveLength(0)
  await revocations.retry()
  expect(asked).toHaveLength(1)
})

test('an end that the MCP server itself told needs no telling', async () => {
  const { records, asked, end, revocations } = await aWorld(() => ok({ state: 'enforced' }))
  await records.record('connection.ended', { ...end, by: 'mcp', reason: 'ended_elsewhere' })
  await revocations.retry()
  expect(asked).toHaveLength(0)
})
