import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MemoryStore } from '../../../src/kernel/store/memory-store.ts'
import { isSentElsewhere } from '../../../src/mcp/records/changes.ts'
import {
  type McpRecord,
  readRecord,
  type RecordData,
  type RecordType,
} from '../../../src/mcp/records/entries.ts'
import { recordKeys } from '../../../src/mcp/records/keys.ts'
import { Ledger } from '../../../src/mcp/records/ledger.ts'
import { writesOf } from '../../../src/mcp/records/projection.ts'
import { manualClock } from '../../support/clock.ts'

const START_MS = manualClock().nowMs()
const START_S = Math.floor(START_MS / 1000)
const id = (letter: string): string => letter.repeat(22)
const [ENV, GRANT, TOKEN, GONE] = [id('E'), id('G'), id('T'), id('R')]
const owner = { sub: 'user_1', env: ENV }

const record = <T extends RecordType>(type: T, data: RecordData<T>, afterMs = 0): McpRecord =>
  readRecord(type, data, START_MS + afterMs)
const saved = (ver: number, env = ENV): McpRecord =>
  record('credential.saved', {
    ...{ sub: 'user_1', env, ver, blob: `blob${ver}`, origin: 'https://m.example', label: 'Plant' },
    previous: ver === 1 ? null : { ver: ver - 1, blob: `blob${ver - 1}` },
  })
const grant: RecordData<'grant.attested'> = {
  ...{
    gid: GRANT,
    sub: 'user_1',
    sid: 'sess',
    env: ENV,
    cid: 'client',
    scp: 'maximo:read',
    knd: 'ci',
    prf: 'batch',
  },
  ...{ clientName: '', redirectHost: '', at: START_MS, maxS: null, ver: 1, kid: 'mg-AAAAAAAA' },
}

/** What two servers wrote, each in its own order; the second acted on what the first had told it. */
const FIRST: readonly McpRecord[] = [
  record('grant.attested', grant),
  record('allow.added', { jti: TOKEN, gid: GRANT, maxS: null, kids: ['mt-AAAAAAAA'] }),
  record('grant.attested', { ...grant, gid: id('H') }),
  record('allow.added', { jti: GONE, gid: id('H'), maxS: null, kids: ['mt-BBBBBBBB'] }),
  saved(1),
  saved(2),
  saved(1, id('F')),
  record('plan.recorded', { sub: 'user_1', pla: 'old', fea: '', iatS: START_S }),
  record('plan.capped', { sub: 'user_1', pla: 'capped first', fea: '', atS: START_S + 5 }),
  record('grant.used', { gid: GRANT, atMs: START_MS + 1, address: 'a', client: '', tool: '' }),
]
const SECOND: readonly McpRecord[] = [
  record('grant.limited', { gid: GRANT, jti: TOKEN, untilS: START_S + 60 }),
  record('revocation.made', {
    ...{ target: { kind: 'token', rid: GONE, until: null }, untilS: null },
    ...{ markMs: START_MS, reason: '', by: '' },
  }),
  record('credential.reverted', { ...owner, ver: 3, blob: 'blob1 again' }),
  record('environment.removed', { sub: 'user_1', env: id('F'), markMs: START_MS }),
  record('plan.recorded', { sub: 'user_1', pla: 'new', fea: '', iatS: START_S + 1 }),
  record('plan.capped', { sub: 'user_1', pla: 'capped later', fea: '', atS: START_S + 9 }),
  record('grant.used', { gid: GRANT, atMs: START_MS + 2, address: 'b', client: '', tool: '' }),
]

/** One of the orders that keep each server's own. */
const anyOrder = fc.shuffledSubarray([...FIRST.map(() => 0), ...SECOND.map(() => 1)], {
  minLength: FIRST.length + SECOND.length,
})
function merged(order: readonly number[]): McpRecord[] {
  const left = [[...FIRST], [...SECOND]]
  return order.flatMap((whose) => left[whose]?.shift() ?? [])
}

function ledgerOf(records: readonly McpRecord[]): object {
  const clock = manualClock()
  const ledger = new Ledger(clock)
  for (const one of records) ledger.apply(one)
  clock.advance(1_000)
  return {
    endS: ledger.findGrant(GRANT)?.maxS,
    allowed: [ledger.findAllowed(GRANT), ledger.findAllowed(id('H'))],
    kids: [...ledger.kidsInUse()].sort(),
    credential: ledger.newestCredential(owner)?.blob,
    previous: ledger.newestCredential(owner)?.previous,
    removed: [ledger.newestCredential({ sub: 'user_1', env: id('F') }), ledger.ownerOf(id('F'))],
    plan: ledger.findPlan('user_1')?.pla,
    cap: ledger.findCap('user_1')?.pla,
    use: ledger.lastUse(GRANT)?.address,
  }
}

describe('the journals of two servers', () => {
  test('mean the same in every order that keeps each one’s own, and what ends something wins', () => {
    const expected = {
      endS: START_S + 60,
      allowed: [TOKEN, null],
      kids: ['mg-AAAAAAAA', 'mt-AAAAAAAA'],
      credential: 'blob1 again',
      previous: null,
      removed: [null, 'user_1'],
      plan: 'new',
      cap: 'capped later',
      use: 'b',
    }
    fc.assert(
      fc.property(anyOrder, (order) => {
        expect(ledgerOf(merged(order))).toEqual(expected)
      }),
    )
  })

  test('leave the store with the same answers, whichever is replayed first, before and after an end', async () => {
    await fc.assert(
      fc.asyncProperty(anyOrder, fc.boolean(), async (order, isLate) => {
        const clock = manualClock()
        const store = new MemoryStore(clock)
        // Past the end of the token that was limited.
        if (isLate) clock.advance(3_600_000)
        for (const [at, one] of merged(order).entries())
          await store.project('any', at + 1, writesOf(one, clock))
        clock.advance(3_600_000)
        const refused = async (rid: string): Promise<boolean> =>
          (await store.get(recordKeys.revokedToken(rid))) !== null ||
          (await store.get(recordKeys.allowed(rid))) === null
        expect([await refused(GONE), await refused(TOKEN)]).toEqual([true, true])
        expect(await store.get(recordKeys.credential(owner))).toBe('3.blob1 again')
      }),
    )
  })

  test('a change that another server is sending is left alone for three minutes, one’s own is not', () => {
    const clock = manualClock()
    const ledger = new Ledger(clock)
    const begun = record('change.begun', {
      ...{
        id: GRANT,
        sub: 'user_1',
        gid: GRANT,
        env: ENV,
        tool: 't',
        risk: 'low',
        approval: { by: 'policy' },
      },
      ...{ digest: 'd', records: 1, plan: 'sealed' },
    })
    ledger.apply(begun, false)
    const theirs = ledger.changes.find(GRANT)!
    expect([theirs.isOurs, isSentElsewhere(theirs, START_MS + 179_999)]).toEqual([false, true])
    expect(isSentElsewhere(theirs, START_MS + 180_000)).toBe(false)
    expect(isSentElsewhere({ ...theirs, isOurs: true }, START_MS)).toBe(false)
    ledger.apply(record('change.ended', { id: GRANT }), false)
    expect(isSentElsewhere(ledger.changes.find(GRANT)!, START_MS)).toBe(false)
  })
})
