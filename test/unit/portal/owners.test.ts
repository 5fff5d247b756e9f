import { describe, expect, test } from 'vitest'
import { openJournal } from '../../../src/kernel/journal.ts'
import { randomId } from '../../../src/kernel/random.ts'
import { ok } from '../../../src/kernel/result.ts'
import { ClerkUnavailable } from '../../../src/portal/clerk/clerk-client.ts'
import type { Accounts } from '../../../src/portal/clerk/environments.ts'
import { createOwners } from '../../../src/portal/owners.ts'
import { openPortalRecords } from '../../../src/portal/records/records.ts'
import { createRevocations } from '../../../src/portal/revoke/revocations.ts'
import { manualClock } from '../../support/clock.ts'
import { scratchFolder } from '../../support/folder.ts'
import { captureLog } from '../../support/log.ts'
import { SwitchedStore } from '../../support/store/switched-store.ts'

type Standing = Awaited<ReturnType<Accounts['standing']>>
const HOUR_MS = 3_600_000

/** Two owners with two live connections each; Clerk says of each what the test says. */
async function aWorld(standings: Record<string, Standing | 'unknown'>) {
  const clock = manualClock()
  const { log } = captureLog()
  const journal = await openJournal({ folder: await scratchFolder(), writer: 'portal-1', clock })
  const records = await openPortalRecords({ journal, store: new SwitchedStore(clock), clock, log })
  const maxS = Math.floor(clock.nowMs() / 1000) + 180 * 86_400
  const gids = new Map<string, string[]>()
  for (const sub of ['user_1', 'user_1', 'user_2', 'user_2']) {
    const gid = randomId()
    gids.set(sub, [...(gids.get(sub) ?? []), gid])
    const shown = { clientName: 'A', redirectHost: 'localhost', envLabel: 'demo', scp: 'maximo:read' }
    await records.record('connection.made', { gid, sub, cid: 'mxc_1', env: randomId(), maxS, ...shown })
  }
  const revocations = createRevocations({
    records,
    log,
    mcp: { revoke: () => Promise.resolve(ok({ state: 'enforced' as const })) },
  })
  const asked: string[] = []
  const accounts: Pick<Accounts, 'standing'> = {
    standing: async (sub) => {
      asked.push(sub)
      const standing = standings[sub] ?? 'good'
      if (standing === 'unknown') throw new ClerkUnavailable('switched off by the test')
      return standing
    },
  }
  const owners = createOwners({ records, accounts, revocations, clock, log })
  const of = (sub: string): readonly string[] => gids.get(sub) ?? []
  return { clock, records, owners, asked, of, standings }
}

test('owners in good standing keep their connections, and each is asked about once', async () => {
  const { records, owners, asked } = await aWorld({})
  await owners.check()
  expect(asked).toEqual(['user_1', 'user_2'])
  expect(records.connections.live()).toHaveLength(4)
})

describe('an owner who is gone', () => {
  test.each(['banned', 'locked', 'deleted'] as const)(
    '%s: all of theirs end, and nobody else’s',
    async (standing) => {
      const { records, owners, of } = await aWorld({ user_1: standing })
      await owners.check()
      expect(records.connections.live().map(({ sub }) => sub)).toEqual(['user_2', 'user_2'])
      for (const gid of of('user_1')) {
        expect(await records.isEnded(gid)).toBe(true)
        expect(records.connections.find(gid)?.end).toMatchObject({ reason: 'owner_gone', force: 'enforced' })
      }
    },
  )
})

describe('a grant rests on the last complete look', () => {
  test('for an hour, consent itself counting as one', async () => {
    const { clock, owners, of } = await aWorld({})
    const [gid = ''] = of('user_1')
    expect(owners.isKnownGood(gid)).toBe(true)
    clock.advance(HOUR_MS)
    expect(owners.isKnownGood(gid)).toBe(true)
    clock.advance(1)
    expect(owners.isKnownGood(gid)).toBe(false)
    await owners.check()
    expect(owners.isKnownGood(gid)).toBe(true)
  })

  test('a look that Clerk broke off does not count', async () => {
    const { clock, owners, of, standings } = await aWorld({ user_2: 'unknown' })
    clock.advance(HOUR_MS + 1)
    await expect(owners.check()).rejects.toThrow(ClerkUnavailable)
    expect(owners.isKnownGood(of('user_1')[0] ?? '')).toBe(false)
    standings['user_2'] = 'good'
    await owners.check()
    expect(owners.isKnownGood(of('user_1')[0] ?? '')).toBe(true)
  })

  test('a grant that this portal never saw is not known good', async () => {
    const { owners } = await aWorld({})
    expect(owners.isKnownGood(randomId())).toBe(false)
  })
})
