import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { JournalEntry } from '../../../src/kernel/journal.ts'
import { MemoryStore } from '../../../src/kernel/store/memory-store.ts'
import { readRecord, type RecordData, type RecordType } from '../../../src/mcp/records/entries.ts'
import { keepingOfMcp } from '../../../src/mcp/records/keeping.ts'
import { recordKeys } from '../../../src/mcp/records/keys.ts'
import { Ledger } from '../../../src/mcp/records/ledger.ts'
import { writesOf } from '../../../src/mcp/records/projection.ts'
import { manualClock } from '../../support/clock.ts'
import { aDetection } from '../../support/detection.ts'

const START_MS = manualClock().nowMs()
const START_S = START_MS / 1000
const [HOUR, DAY] = [3_600_000, 86_400_000]
const id = (letter: string): string => letter.repeat(22)
const revoked = { markMs: START_MS, reason: '', by: '' }
const SUBS = ['user_1', 'user_2'] as const
const ENVS = ['E', 'F', 'K'].map(id)

/** Of a pool of grants: whose, and until when, in days; null: for good. */
const GRANTS = [
  { gid: id('a'), jti: id('A'), sub: SUBS[0], env: id('E'), cid: 'c1', days: null },
  { gid: id('b'), jti: id('B'), sub: SUBS[0], env: id('F'), cid: 'c1', days: 1 },
  { gid: id('c'), jti: id('C'), sub: SUBS[1], env: id('E'), cid: 'c2', days: 30 },
  { gid: id('d'), jti: id('D'), sub: SUBS[1], env: id('K'), cid: 'c2', days: 90 },
] as const
type OfPool = (typeof GRANTS)[number]
const endOf = ({ days }: OfPool): number | null => (days === null ? null : START_S + days * 86_400)

type Act = readonly [type: RecordType, data: unknown]
const act = <T extends RecordType>(type: T, data: RecordData<T>): Act => [type, data]

const attested = (grant: OfPool, at: number): Act =>
  act('grant.attested', {
    ...{ gid: grant.gid, sub: grant.sub, sid: 's', env: grant.env, cid: grant.cid, scp: 'maximo:read' },
    ...{ knd: 'ci', prf: 'batch', clientName: '', redirectHost: '', at, maxS: endOf(grant), ver: 1 },
    kid: 'mg-AAAAAAAA',
    ...(grant.cid === 'c2' ? { machine: { rid: grant.jti, proof: 'keys' as const } } : {}),
  })
const saved = (sub: string, env: string, ver: number): Act =>
  act('credential.saved', {
    ...{ sub, env, ver, blob: `blob${ver}`, origin: 'https://m.example', label: 'Plant' },
    previous: ver === 1 ? null : { ver: ver - 1, blob: `blob${ver - 1}` },
  })
const begun = (letter: string, records: number): Act =>
  act('change.begun', {
    ...{ id: id(letter), sub: SUBS[0], gid: id('a'), env: id('E'), tool: 't', risk: 'low' },
    ...{ approval: { by: 'policy' }, digest: 'd', records, plan: 'p' },
  })
const step = (letter: string, index: number, outcome: 'written' | 'unknown'): Act =>
  act('change.step', { id: id(letter), index, outcome })

const entryOf = ([type, data]: Act, seq: number, atMs: number): JournalEntry => {
  readRecord(type, data, atMs)
  return { seq, writer: 'w', atMs, type, data: data as JournalEntry['data'], hash: '' }
}

function keptOf(entries: readonly JournalEntry[], atMs: number): readonly JournalEntry[] {
  const keeping = keepingOfMcp(atMs)
  for (const entry of entries) keeping.note(entry)
  return entries.filter((entry) => keeping.keeps(entry))
}

/** What is kept, by place, after so many days; the records are written an hour apart. */
const keptAfter = (days: number, ...acts: Act[]): number[] =>
  keptOf(
    acts.map((one, at) => entryOf(one, at + 1, START_MS + at * HOUR)),
    START_MS + days * DAY,
  ).map(({ seq }) => seq)

describe('what is kept of each type', () => {
  const [forGood, day, month] = GRANTS
  const revocation = (target: RecordData<'revocation.made'>['target'], over = {}): Act =>
    act('revocation.made', { ...revoked, target, untilS: null, ...over })

  test('grant.attested, allow.added: until a day after their last second', () => {
    const acts = [forGood, day].flatMap((grant) => [
      attested(grant, START_MS),
      act('allow.added', { jti: grant.jti, gid: grant.gid, maxS: endOf(grant), kids: [] }),
    ])
    expect(keptAfter(1.99, ...acts)).toEqual([1, 2, 3, 4])
    expect(keptAfter(2, ...acts)).toEqual([1, 2])
    expect(keptAfter(9_000, ...acts)).toEqual([1, 2])
  })

  test('grant.limited: for good, as the token has no end', () => {
    const limit = { gid: forGood.gid, jti: forGood.jti, untilS: START_S }
    expect(keptAfter(9_000, act('grant.limited', limit))).toEqual([1])
  })

  test('grant.used, plan.recorded, plan.capped: the one that counts', () => {
    const used = (gid: string, afterMs: number): Act =>
      act('grant.used', { gid, atMs: START_MS + afterMs, address: '', client: '', tool: '' })
    expect(keptAfter(0, used(id('a'), 1), used(id('b'), 1), used(id('a'), 2))).toEqual([2, 3])
    // One that came late says less than one before it; the store has the last.
    expect(keptAfter(0, used(id('a'), 9), used(id('a'), 2), used(id('a'), 2))).toEqual([1, 3])
    const plan = (sub: string, iatS: number): Act => act('plan.recorded', { sub, pla: '', fea: '', iatS })
    expect(keptAfter(0, plan('u', 5), plan('v', 5), plan('u', 5), plan('v', 4))).toEqual([2, 3, 4])
    const cap = (sub: string, atS: number): Act => act('plan.capped', { sub, pla: '', fea: '', atS })
    expect(keptAfter(9_000, cap('u', 5), plan('u', 9), cap('u', 6), cap('v', 1))).toEqual([2, 3, 4])
  })

  test('detection.*: a day longer than they are shown', () => {
    const acts = [act('detection.raised', aDetection()), act('detection.settled', { id: id('d'), more: 3 })]
    expect(keptAfter(30.9, ...acts)).toEqual([1, 2])
    expect(keptAfter(31.1, ...acts)).toEqual([])
  })

  test('revocation.made of one: until a day after the end that is known, else for good', () => {
    const token = { kind: 'token', rid: month.jti, until: null } as const
    const grant = { kind: 'grant', gid: month.gid } as const
    const until = { untilS: endOf(month) }
    const acts = [revocation(token), revocation(grant), revocation(token, until), revocation(grant, until)]
    expect(keptAfter(30.99, ...acts)).toEqual([1, 2, 3, 4])
    expect(keptAfter(31, ...acts)).toEqual([1, 2])
  })

  test('revocation.made of many: the highest watermark of each, and every window', () => {
    const mark = (target: RecordData<'revocation.made'>['target'], markMs: number): Act =>
      revocation(target, { markMs })
    const user = { kind: 'user', sub: 'u' } as const
    const window = { kind: 'window', fromMs: 1, toMs: 2 } as const
    expect(keptAfter(9_000, mark(user, 5), mark(user, 9), mark(user, 7))).toEqual([2, 3])
    const others = [
      { kind: 'user', sub: 'v' },
      { kind: 'client', cid: 'u' },
      { kind: 'env', env: id('E') },
      { kind: 'key', kid: 'k' },
      { kind: 'key', kid: 'l' },
      { kind: 'before', beforeMs: 5 },
      window,
      window,
    ] as const
    expect(keptAfter(9_000, ...others.map((target) => mark(target, 5)))).toHaveLength(others.length)
  })

  test('credential.*: until the environment is removed; environment.removed: for good', () => {
    const owned = { sub: SUBS[0], env: id('E') }
    const acts = [
      ...[saved(SUBS[0], id('E'), 1), saved(SUBS[0], id('E'), 2), saved(SUBS[0], id('F'), 1)],
      act('credential.confirmed', { ...owned, ver: 2 }),
      act('credential.reverted', { ...owned, ver: 3, blob: 'b' }),
    ]
    expect(keptAfter(9_000, ...acts)).toEqual([1, 2, 3, 4, 5])
    const removed = act('environment.removed', { ...owned, markMs: START_MS })
    expect(keptAfter(0, ...acts, removed)).toEqual([3, 6])
  })

  test('change.*: a month and a day after the last of them, for good while one is in doubt or begun elsewhere', () => {
    const ended = act('change.ended', { id: id('p') })
    const known = [begun('p', 2), step('p', 0, 'written'), step('p', 1, 'written'), ended]
    expect(keptAfter(31, ...known)).toEqual([1, 2, 3, 4])
    // The last of them was written three hours after the start.
    expect(keptAfter(31.125, ...known)).toEqual([])
    for (const doubtful of [
      [begun('p', 2), step('p', 0, 'written')],
      [begun('p', 1), step('p', 0, 'unknown'), ended],
      [step('p', 0, 'written'), ended],
    ])
      expect(keptAfter(9_000, ...doubtful)).toEqual(doubtful.map((_, at) => at + 1))
    // Of a change that was ended, what was not sent is in no doubt.
    expect(keptAfter(32, begun('p', 2), step('p', 0, 'written'), ended)).toEqual([])
    const looked = [begun('p', 1), step('p', 0, 'unknown'), step('p', 0, 'written')]
    expect(keptAfter(32, ...looked)).toEqual([])
  })
})

const LETTERS = ['p', 'q', 'r', 's', 't', 'u']
const ofPool = fc.constantFrom(...GRANTS)
const letters = fc.constantFrom(...LETTERS)
const happening: fc.Arbitrary<(atMs: number) => readonly Act[]> = fc.oneof(
  ofPool.map((grant) => (atMs: number) => [
    attested(grant, atMs),
    act('allow.added', { jti: grant.jti, gid: grant.gid, maxS: endOf(grant), kids: [`k-${grant.cid}`] }),
  ]),
  ofPool.map((grant) => (atMs: number) => [
    act('grant.used', { gid: grant.gid, atMs, address: '', client: '', tool: String(atMs) }),
  ]),
  fc
    .tuple(ofPool, fc.nat(40))
    .map(([grant, days]) => (atMs: number) => [
      act('grant.limited', { gid: grant.gid, jti: grant.jti, untilS: atMs / 1000 + days * 86_400 }),
    ]),
  fc.tuple(ofPool, fc.boolean(), fc.boolean()).map(([grant, isToken, isKnown]) => () => [
    act('revocation.made', {
      ...{ ...revoked, untilS: isKnown ? endOf(grant) : null },
      target: isToken ? { kind: 'token', rid: grant.jti, until: null } : { kind: 'grant', gid: grant.gid },
    }),
  ]),
  fc
    .tuple(fc.constantFrom('user', 'client', 'env', 'key', 'before', 'window'), ofPool, fc.nat(20))
    .map(([kind, { sub, cid, env }, ago]) => (atMs: number) => {
      const markMs = atMs - ago * HOUR
      const by = { ...{ sub, cid, env, kid: 'k' }, beforeMs: markMs, fromMs: markMs - HOUR, toMs: markMs }
      return [act('revocation.made', { ...revoked, markMs, untilS: null, target: targetOf(kind, by) })]
    }),
  fc
    .tuple(fc.constantFrom(...SUBS), fc.nat(9))
    .map(([sub, late]) => (atMs: number) => [
      act('plan.recorded', { sub, pla: String(atMs), fea: '', iatS: atMs / 1000 - late * 3_600 }),
    ]),
  fc
    .tuple(fc.constantFrom(...SUBS), fc.nat(9))
    .map(([sub, late]) => (atMs: number) => [
      act('plan.capped', { sub, pla: String(atMs), fea: '', atS: atMs / 1000 - late * 3_600 }),
    ]),
  fc.tuple(fc.constantFrom(...ENVS), fc.nat(3)).map(([env, way]) => (atMs: number) => {
    const [owned, ver] = [{ sub: SUBS[0], env }, Math.floor((atMs - START_MS) / HOUR) + 1]
    if (way === 0) return [act('credential.reverted', { ...owned, ver, blob: `b${ver}` })]
    if (way === 1) return [act('credential.confirmed', { ...owned, ver })]
    return [saved(SUBS[0], env, ver)]
  }),
  fc
    .constantFrom(...ENVS)
    .map((env) => (atMs: number) => [act('environment.removed', { sub: SUBS[0], env, markMs: atMs })]),
  fc
    .tuple(letters, fc.nat(3), fc.boolean())
    .map(([letter, done, isEnded]) => () => [
      begun(letter, 3),
      ...Array.from({ length: done }, (_, at) => step(letter, at, 'written')),
      ...(isEnded ? [act('change.ended', { id: id(letter) })] : []),
    ]),
)

function targetOf(
  kind: string,
  {
    sub,
    cid,
    env,
    kid,
    ...times
  }: Record<'sub' | 'cid' | 'env' | 'kid', string> & Record<'beforeMs' | 'fromMs' | 'toMs', number>,
): RecordData<'revocation.made'>['target'] {
  if (kind === 'user') return { kind, sub }
  if (kind === 'client') return { kind, cid }
  if (kind === 'env') return { kind, env }
  if (kind === 'key') return { kind, kid }
  if (kind === 'before') return { kind, beforeMs: times.beforeMs }
  return { kind: 'window', fromMs: times.fromMs, toMs: times.toMs }
}

const life: fc.Arbitrary<readonly JournalEntry[]> = fc
  .array(fc.tuple(fc.nat(100), happening), { maxLength: 40 })
  .map((happenings) => {
    let atMs = START_MS
    const once = new Set<unknown>()
    const acts = happenings.flatMap(([hours, what]) => {
      atMs += hours * HOUR
      return what(atMs).map((one) => [one, atMs] as const)
    })
    // An environment's id and a change's are never used again.
    const possible = acts.filter(([[type, data]]) => {
      const { env, id: of } = data as { env?: string; id?: string }
      if (type === 'environment.removed') once.add(env)
      if (type.startsWith('credential.') && once.has(env)) return false
      if (type === 'change.begun' && once.has(of)) return false
      if (type === 'change.begun') once.add(of)
      return true
    })
    return possible.map(([one, writtenMs], at) => entryOf(one, at + 1, writtenMs))
  })

/** Everything that anybody asks, `laterMs` after the journal was replayed at `nowMs`. */
async function answers(entries: readonly JournalEntry[], nowMs: number, laterMs: number): Promise<object> {
  const clock = manualClock(nowMs)
  const ledger = new Ledger(clock)
  const store = new MemoryStore(clock)
  const records = entries.map(({ type, data, atMs }) => readRecord(type, data, atMs))
  for (const record of records) ledger.apply(record)
  await store.project(
    'w',
    entries.length + 1,
    records.flatMap((one) => writesOf(one, clock)),
    1,
  )
  clock.advance(laterMs)
  const alive = GRANTS.filter((grant) => (endOf(grant) ?? Infinity) * 1000 > clock.nowMs())
  const keys = [
    ...alive.flatMap(({ gid, jti }) => [
      ...[recordKeys.revokedGrant(gid), recordKeys.revokedToken(jti), recordKeys.allowed(jti)],
    ]),
    ...SUBS.flatMap((sub) => [recordKeys.userMark(sub), recordKeys.plan(sub)]),
    ...ENVS.flatMap((env) => [recordKeys.environmentMark(env), recordKeys.credential({ sub: SUBS[0], env })]),
    ...['c1', 'c2'].map(recordKeys.clientMark),
    ...[recordKeys.timeMark, recordKeys.windows, recordKeys.keyMark('k')],
    ...GRANTS.map(({ gid }) => recordKeys.lastUse(gid)),
  ]
  const young = LETTERS.map((one) => ledger.changes.find(id(one)))
  return {
    store: await store.getMany(keys),
    grants: SUBS.map((sub) => ledger.grantsOf(sub).map((grant) => [grant, ledger.isEnded(grant)])),
    allowed: alive.map(({ gid }) => ledger.findAllowed(gid)),
    uses: GRANTS.map(({ gid }) => ledger.lastUse(gid)),
    floors: GRANTS.map((over) => ledger.floorOver(over)),
    mark: ledger.nextMark(),
    machines: ['c1', 'c2'].map((cid) => ledger.machineGrants(cid)),
    kids: [...ledger.kidsInUse()].sort(),
    credentials: SUBS.map((sub) => ledger.credentials.of(sub)),
    owners: ENVS.map((env) => [ledger.ownerOf(env), ledger.isRemoved(env)]),
    plans: SUBS.map((sub) => [ledger.findPlan(sub), ledger.findCap(sub)]),
    changes: young.filter((one) => one !== null && clock.nowMs() - one.begunMs < 30 * DAY),
    doubts: ledger.changes.inDoubt().map((one) => one.id),
  }
}

describe('whatever was decided', () => {
  const LATER = [0, HOUR, 2 * DAY, 40 * DAY, 400 * DAY]

  test('what is left out makes no difference, now or later', async () => {
    await fc.assert(
      fc.asyncProperty(life, fc.nat(100 * 24), fc.constantFrom(...LATER), async (entries, hours, laterMs) => {
        const nowMs = (entries.at(-1)?.atMs ?? START_MS) + hours * HOUR
        expect(await answers(keptOf(entries, nowMs), nowMs, laterMs)).toEqual(
          await answers(entries, nowMs, laterMs),
        )
      }),
      { numRuns: 150 },
    )
  })

  test('what was left out before makes no difference to what is left out after more was decided', async () => {
    await fc.assert(
      fc.asyncProperty(life, fc.nat(40), fc.nat(100 * 24), async (entries, cut, hours) => {
        const [before, after] = [entries.slice(0, cut), entries.slice(cut)]
        const nowMs = (entries.at(-1)?.atMs ?? START_MS) + hours * HOUR
        const twice = keptOf([...keptOf(before, before.at(-1)?.atMs ?? START_MS), ...after], nowMs)
        expect(twice.map(({ seq }) => seq)).toEqual(keptOf(entries, nowMs).map(({ seq }) => seq))
        expect(await answers(twice, nowMs, 0)).toEqual(await answers(entries, nowMs, 0))
      }),
      { numRuns: 150 },
    )
  })
})
