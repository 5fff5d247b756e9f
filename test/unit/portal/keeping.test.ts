import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { JournalEntry } from '../../../src/kernel/journal.ts'
import { MemoryStore } from '../../../src/kernel/store/memory-store.ts'
import { Connections } from '../../../src/portal/records/connections.ts'
import {
  NEVER_S,
  type PortalEntryData,
  type PortalEntryType,
  readPortalEntry,
} from '../../../src/portal/records/entries.ts'
import { keepingOfPortal } from '../../../src/portal/records/keeping.ts'
import { storeKeys } from '../../../src/portal/records/keys.ts'
import { Machines } from '../../../src/portal/records/machines.ts'
import { writesOf } from '../../../src/portal/records/projection.ts'
import { manualClock } from '../../support/clock.ts'
import { aDetection } from '../../support/detection.ts'

const START_MS = manualClock().nowMs()
const START_S = START_MS / 1000
const [HOUR, DAY, DAY_S] = [3_600_000, 86_400_000, 86_400]
const id = (letter: string): string => letter.repeat(22)
const digest = (letter: string): string => letter.repeat(43)
const SUBS = ['user_1', 'user_2'] as const

/** Of a pool of grants: whose, and for how many days; null: for good. */
const GRANTS = [
  { gid: id('a'), sub: SUBS[0], days: null },
  { gid: id('b'), sub: SUBS[0], days: 2 },
  { gid: id('c'), sub: SUBS[1], days: 30 },
] as const
type OfPool = (typeof GRANTS)[number]
const endOf = ({ days }: OfPool): number => (days === null ? NEVER_S : START_S + days * DAY_S)

type Act = readonly [type: PortalEntryType, data: unknown]
const act = <T extends PortalEntryType>(type: T, data: PortalEntryData<T>): Act => [type, data]

const made = (grant: OfPool): Act =>
  act('connection.made', {
    ...{ gid: grant.gid, sub: grant.sub, cid: 'c', clientName: 'C', redirectHost: 'h', env: id('E') },
    ...{ envLabel: 'e', scp: 'maximo:read', maxS: endOf(grant) },
    ...(grant.days === null ? { ci: { rid: id('R'), prf: 'batch' as const, rsk: 'low' as const } } : {}),
  })
const ended = (grant: OfPool, by: 'owner' | 'mcp' = 'owner'): Act =>
  act('connection.ended', { gid: grant.gid, by, reason: 'revoked', maxS: endOf(grant) })
const issued = ({ gid }: OfPool, expS: number, rid = id('T')): Act =>
  act('token.issued', { rid, gid, cid: 'c', sha256: digest('s'), expS })
const refresh = (hash: string, expS: number): Act =>
  act('refresh.issued', { gid: id('b'), cid: 'c', hash, scp: '', receipt: 'r', expS, maxS: expS })
const rotated = (from: string, to: string, expS: number): Act =>
  act('refresh.rotated', {
    ...{ gid: id('b'), cid: 'c', from, to, successor: to, scp: '', receipt: 'r', expS, maxS: expS },
  })
const client = (cid: string, untilS?: number): Act =>
  act('client.registered', {
    ...{ cid, name: String(untilS), redirectUris: ['https://c'], authMethod: 'none', grantTypes: [] },
    ...(untilS === undefined ? {} : { untilS }),
  })
const machine = (root: string): Act =>
  act('machine.registered', {
    ...{ cid: MACHINE, gid: id('a'), sub: SUBS[0], env: id('E'), scp: '', root },
    ...{ proof: { kind: 'secret', secretHash: digest('s') }, asked: { prf: 'batch', rsk: 'low' } },
  })
const MACHINE = `mxm_${id('M')}`
type Target = PortalEntryData<'revocation.pending'>['target']
const pending = (one: string, target: Target): Act =>
  act('revocation.pending', { id: id(one), target, reason: '', by: '' })
const settled = (one: string): Act => act('revocation.settled', { id: id(one), state: 'enforced' })

const entryOf = ([type, data]: Act, seq: number, atMs: number): JournalEntry => {
  readPortalEntry({ type, data, atMs })
  return { seq, writer: 'w', atMs, type, data: data as JournalEntry['data'], hash: '' }
}

function keptOf(entries: readonly JournalEntry[], atMs: number): readonly JournalEntry[] {
  const keeping = keepingOfPortal(atMs)
  for (const entry of entries) keeping.note(entry)
  return entries.filter((entry) => keeping.keeps(entry))
}

/** What is kept, by place, after so many days. */
const keptAfter = (days: number, ...acts: Act[]): number[] =>
  keptOf(
    acts.map((one, at) => entryOf(one, at + 1, START_MS + at)),
    START_MS + days * DAY,
  ).map(({ seq }) => seq)

describe('what is kept of each type', () => {
  const [forGood, days2] = GRANTS
  const grant = { kind: 'grant', gid: days2.gid } as const

  test('client.registered: the last of one client that lasts as long, until a day after its last second', () => {
    const acts = [client('c', START_S + 9 * DAY_S), client('c', START_S + 2 * DAY_S), client('d')]
    expect(keptAfter(2.99, ...acts)).toEqual([1, 2, 3])
    expect(keptAfter(3, ...acts)).toEqual([1, 3])
    expect(keptAfter(10, ...acts)).toEqual([3])
    expect(keptAfter(90.99, ...acts)).toEqual([3])
    expect(keptAfter(91, ...acts)).toEqual([])
    expect(keptAfter(0, client('c', START_S + 5), client('c', START_S + 5))).toEqual([2])
  })

  test('machine.registered, owners.checked, notice.dismissed: the last, for good', () => {
    const checked = act('owners.checked', { owners: 1, startedMs: START_MS })
    const read = (sub: string, notice: string): Act => act('notice.dismissed', { sub, notice })
    const acts = [
      machine('one'),
      machine('two'),
      checked,
      checked,
      read('u', 'n'),
      read('v', 'n'),
      read('u', 'n'),
    ]
    expect(keptAfter(9_000, ...acts)).toEqual([2, 4, 6, 7])
    // Of two of one millisecond the later one counts.
    const same = [machine('one'), machine('two')].map((one, at) => entryOf(one, at + 1, START_MS))
    expect(keptOf(same, START_MS).map(({ seq }) => seq)).toEqual([2])
  })

  test('detection.*: a day longer than they are shown', () => {
    const acts = [act('detection.raised', aDetection()), act('detection.settled', { id: id('d'), more: 3 })]
    expect(keptAfter(30.9, ...acts)).toEqual([1, 2])
    expect(keptAfter(31.1, ...acts)).toEqual([])
  })

  test('refresh.issued, refresh.rotated: a family that could still be used, used ones included', () => {
    const acts = [
      refresh(digest('a'), START_S + DAY_S),
      rotated(digest('a'), digest('b'), START_S + 2 * DAY_S),
      rotated(digest('b'), digest('c'), START_S + 3 * DAY_S),
    ]
    expect(keptAfter(1.99, ...acts)).toEqual([1, 2, 3])
    expect(keptAfter(2, ...acts)).toEqual([2, 3])
    expect(keptAfter(4, ...acts)).toEqual([])
  })

  test('token.issued: until a day after its end, the last one as long as the connection is shown', () => {
    const acts = [
      made(days2),
      issued(days2, START_S),
      issued(days2, START_S, id('U')),
      issued(forGood, NEVER_S),
    ]
    expect(keptAfter(0.99, ...acts)).toEqual([1, 2, 3, 4])
    expect(keptAfter(1, ...acts)).toEqual([1, 3, 4])
    expect(keptAfter(33, ...acts)).toEqual([4])
    // Nobody here knows how long the connection of another portal is shown.
    expect(keptAfter(9_000, issued(days2, START_S))).toEqual([1])
  })

  test('connection.made, limited, ended: as long as one of them is shown', () => {
    const limited = act('connection.limited', { gid: days2.gid, maxS: START_S + 1 })
    expect(keptAfter(32.99, made(days2), limited, ended(days2, 'mcp'))).toEqual([1, 2, 3])
    expect(keptAfter(33, made(days2), limited, ended(days2, 'mcp'))).toEqual([])
    expect(keptAfter(9_000, made(forGood), ended(forGood, 'mcp'))).toEqual([1, 2])
    expect(keptAfter(9_000, limited, ended(days2))).toEqual([1, 2])
    // An end that is remembered for longer than the connection was made for, and one that was never told.
    const longer = act('connection.ended', {
      gid: days2.gid,
      by: 'mcp',
      reason: 'revoked',
      maxS: START_S + 9 * DAY_S,
    })
    expect(keptAfter(39.99, made(days2), longer)).toEqual([1, 2])
    expect(keptAfter(40, made(days2), longer)).toEqual([])
    expect(keptAfter(9_000, made(days2), ended(days2))).toEqual([1, 2])
    // One that was ended when it had run out: it is shown from then on.
    const late = [entryOf(made(days2), 1, START_MS), entryOf(ended(days2, 'mcp'), 2, START_MS + 9 * DAY)]
    expect(keptOf(late, START_MS + 39.99 * DAY)).toEqual(late)
    expect(keptOf(late, START_MS + 40 * DAY)).toEqual([])
    const all = pending('p', { kind: 'user', sub: SUBS[0] })
    expect(keptAfter(33, made(days2), ended(days2), all, settled('p'))).toEqual([3, 4])
    expect(keptAfter(33, made(days2), all, ended(days2), settled('p'))).toEqual([1, 2, 3, 4])
  })

  test('revocation.pending, settled: until it is settled, and as long as the end that it tells of', () => {
    const acts = [made(days2), ended(days2), pending('p', grant)]
    expect(keptAfter(9_000, ...acts)).toEqual([1, 2, 3])
    expect(keptAfter(32, ...acts, settled('p'))).toEqual([1, 2, 3, 4])
    expect(keptAfter(33, ...acts, settled('p'))).toEqual([])
    // Of two, one is not settled.
    expect(keptAfter(33, ...acts, pending('q', grant), settled('q'))).toEqual([1, 2, 3, 4, 5])
    expect(keptAfter(9_000, pending('p', grant), settled('p'))).toEqual([1, 2])
    const token = { kind: 'token', rid: id('T'), until: null } as const
    expect(keptAfter(0, pending('p', token))).toEqual([1])
    expect(keptAfter(0, pending('p', token), settled('p'))).toEqual([])
    expect(keptAfter(9_000, pending('p', { kind: 'user', sub: 'u' }), settled('p'))).toEqual([1, 2])
    expect(keptAfter(9_000, settled('p'))).toEqual([1])
  })
})

const A_TO_Z = Array.from({ length: 26 }, (_, index) => String.fromCharCode(97 + index))
const ofPool = fc.constantFrom(...GRANTS)
const hashes = fc.constantFrom(...A_TO_Z.slice(0, 4)).map(digest)
const happening: fc.Arbitrary<(atMs: number, at: number) => readonly Act[]> = fc.oneof(
  ofPool.map((grant) => () => [made(grant)]),
  fc.tuple(ofPool, fc.constantFrom('owner', 'mcp')).map(([grant, by]) => () => [ended(grant, by)]),
  fc.tuple(ofPool, fc.constantFrom(0, 1, 2)).map(([grant, told]) => (_atMs: number, at: number) => {
    const one = String.fromCharCode(97 + at)
    const target = { kind: 'grant', gid: grant.gid } as const
    return (
      [
        [ended(grant)],
        [ended(grant), pending(one, target)],
        [ended(grant), pending(one, target), settled(one)],
      ][told] ?? []
    )
  }),
  fc.tuple(fc.constantFrom(...SUBS), fc.boolean()).map(([sub, isSettled]) => (_atMs: number, at: number) => {
    const one = String.fromCharCode(97 + at)
    return [pending(one, { kind: 'user', sub }), ...(isSettled ? [settled(one)] : [])]
  }),
  fc
    .tuple(ofPool, fc.nat(3))
    .map(([grant, days]) => (atMs: number) => [
      act('connection.limited', { gid: grant.gid, maxS: atMs / 1000 + days * DAY_S }),
    ]),
  fc
    .tuple(ofPool, fc.nat(2))
    .map(([grant, hours]) => (atMs: number, at: number) => [
      issued(grant, atMs / 1000 + hours * 3_600, id(String.fromCharCode(97 + at))),
    ]),
  fc
    .tuple(hashes, fc.nat(30))
    .map(([hash, days]) => (atMs: number) => [refresh(hash, atMs / 1000 + days * DAY_S)]),
  fc
    .tuple(hashes, hashes, fc.nat(30))
    .map(([from, to, days]) => (atMs: number) => [rotated(from, to, atMs / 1000 + days * DAY_S)]),
  fc
    .tuple(fc.constantFrom('c', 'd'), fc.nat(90))
    .map(([cid, days]) => (atMs: number) => [
      client(cid, days === 0 ? undefined : atMs / 1000 + days * DAY_S),
    ]),
  fc.constant((atMs: number) => [machine(String(atMs))]),
  fc.constant((atMs: number) => [act('owners.checked', { owners: 1, startedMs: atMs })]),
  fc.constantFrom(...SUBS).map((sub) => () => [act('notice.dismissed', { sub, notice: 'n' })]),
)

/** A grant is made once, and nothing is said of it before, or long after it is over. */
const life: fc.Arbitrary<readonly JournalEntry[]> = fc
  .array(fc.tuple(fc.nat(60), happening), { maxLength: 25 })
  .map((happenings) => {
    let atMs = START_MS
    const known = new Set<string>()
    const acts = happenings.flatMap(([hours, what], at) => {
      atMs += hours * HOUR
      return what(atMs, at).map((one) => [one, atMs] as const)
    })
    const possible = acts.filter(([[type, data], writtenMs]) => {
      const { target } = data as { target?: { gid?: string } }
      const gid = (data as { gid?: string }).gid ?? target?.gid
      const grant = GRANTS.find((one) => one.gid === gid)
      if (grant === undefined || type.startsWith('refresh.') || type === 'machine.registered') return true
      if (endOf(grant) * 1000 + 20 * DAY < writtenMs) return false
      if (type !== 'connection.made') return known.has(grant.gid)
      return !known.has(grant.gid) && known.add(grant.gid).has(grant.gid)
    })
    return possible.map(([one, writtenMs], at) => entryOf(one, at + 1, writtenMs))
  })

/** Everything that anybody asks, `laterMs` after the journal was replayed at `nowMs`. */
async function answers(entries: readonly JournalEntry[], nowMs: number, laterMs: number): Promise<object> {
  const clock = manualClock(nowMs)
  const [connections, machines, store] = [new Connections(clock), new Machines(), new MemoryStore(clock)]
  const read = entries.map((entry) => readPortalEntry(entry))
  for (const entry of read) {
    connections.fold(entry)
    machines.fold(entry)
  }
  await store.project(
    'w',
    entries.length + 1,
    read.flatMap((one) => writesOf(one, clock)),
    1,
  )
  clock.advance(laterMs)
  const keys = [
    ...['c', 'd'].map(storeKeys.client),
    ...GRANTS.map(({ gid }) => storeKeys.grantEnd(gid)),
    ...A_TO_Z.slice(0, 4).flatMap((one) => [storeKeys.refresh(digest(one)), storeKeys.rotation(digest(one))]),
    ...A_TO_Z.map((one) => storeKeys.token(id(one))),
    storeKeys.machine(MACHINE),
  ]
  return {
    store: await store.getMany(keys),
    shown: SUBS.map((sub) => [connections.listFor(sub), connections.automationOf(sub)]),
    live: connections.live(),
    found: GRANTS.map(({ gid }) => connections.find(gid)).filter(
      (one) => one !== null && connections.isLive(one),
    ),
    pending: connections.pending(),
    untold: connections.untold(),
    checkedMs: connections.ownersCheckedMs(),
    dismissed: SUBS.map((sub) => connections.isDismissed(sub, 'n')),
    machine: machines.find(MACHINE),
  }
}

describe('whatever was decided', () => {
  const LATER = [0, HOUR, 2 * DAY, 40 * DAY, 400 * DAY]
  const HOURS = 120 * 24

  test('an end that was told with everything of its person is told, however late the journal is replayed', async () => {
    const [forGood, days2] = GRANTS
    const told = pending('p', { kind: 'user', sub: SUBS[0] })
    const entries = [made(days2), made(forGood), ended(days2), told].map((one, at) =>
      entryOf(one, at + 1, START_MS),
    )
    const nowMs = START_MS + 33 * DAY
    expect(await answers(entries, nowMs, 0)).toMatchObject({ untold: [] })
    expect(await answers(keptOf(entries, nowMs), nowMs, 0)).toEqual(await answers(entries, nowMs, 0))
  })

  test('what is left out makes no difference, now or later', async () => {
    await fc.assert(
      fc.asyncProperty(life, fc.nat(HOURS), fc.constantFrom(...LATER), async (entries, hours, laterMs) => {
        const nowMs = (entries.at(-1)?.atMs ?? START_MS) + hours * HOUR
        expect(await answers(keptOf(entries, nowMs), nowMs, laterMs)).toEqual(
          await answers(entries, nowMs, laterMs),
        )
      }),
      { numRuns: 200 },
    )
  })

  test('what was left out before makes no difference to what is left out after more was decided', async () => {
    await fc.assert(
      fc.asyncProperty(life, fc.nat(25), fc.nat(HOURS), async (entries, cut, hours) => {
        const [before, after] = [entries.slice(0, cut), entries.slice(cut)]
        const nowMs = (entries.at(-1)?.atMs ?? START_MS) + hours * HOUR
        const twice = keptOf([...keptOf(before, before.at(-1)?.atMs ?? START_MS), ...after], nowMs)
        expect(twice.map(({ seq }) => seq)).toEqual(keptOf(entries, nowMs).map(({ seq }) => seq))
        expect(await answers(twice, nowMs, 0)).toEqual(await answers(entries, nowMs, 0))
      }),
      { numRuns: 200 },
    )
  })
})
