import { beforeEach, describe, expect, test } from 'vitest'
import { Secret } from '../../../src/kernel/secret.ts'
import { AnswerAge } from '../../../src/maximo/answer-age.ts'
import { openMaximo } from '../../../src/maximo/client.ts'
import type { MaximoCall, MaximoClient } from '../../../src/maximo/contract.ts'
import type { GroupQuery, Query } from '../../../src/maximo/query/query.ts'
import { ReadCache, type ReadCacheOptions } from '../../../src/maximo/read-cache.ts'
import { manualClock, type ManualClock } from '../../support/clock.ts'
import { aQuery } from './support/compiled.ts'
import { aCall, faultOf, KEY, scriptedMaximo, sendJson } from './support/scripted-maximo.ts'
import { done, WO, writeCall, writtenPlant } from './support/written-plant.ts'

const LIFETIME_MS = 60_000
const PLANNER = 'planner@example.com'
const plant = writtenPlant()
let clock: ManualClock
let cache: ReadCache
beforeEach(() => {
  clock = manualClock()
  cache = aCache()
})

const aCache = (bend: Partial<ReadCacheOptions> = {}) =>
  new ReadCache({ clock, lifetimeMs: LIFETIME_MS, ...bend })
const open = (baseUrl: string, key: string, kept: { readCache?: ReadCache } = { readCache: cache }) =>
  openMaximo({
    environment: { baseUrl, method: 'apikey', credential: new Secret(key) },
    ...{ egress: plant.egress, clock, ...kept },
  })
const connect = (account = PLANNER, kept: { readCache?: ReadCache } = { readCache: cache }) =>
  open(plant.simulator.baseUrl, plant.simulator.accounts.of(account).apiKey, kept)

/** Asks, and tells how old the answer is and how many requests it took. */
async function asking<T>(ask: (call: MaximoCall) => Promise<T>) {
  const before = plant.simulator.requests()
  const age = new AnswerAge()
  const answer = await ask({ ...aCall(), age })
  return { answer, ageMs: age.oldestMs, requests: plant.simulator.requests() - before }
}

const PUMPS: Query = {
  objectStructure: 'MXAPIASSET',
  all: [
    { field: 'siteid', op: 'eq', value: 'BEDFORD' },
    { field: 'assetnum', op: 'starts', value: '114' },
  ],
  select: { fields: ['assetnum', 'status'] },
  pageSize: 200,
}
const BY_SITE: GroupQuery = {
  objectStructure: 'MXAPIASSET',
  groupBy: ['siteid'],
  metrics: [{ kind: 'count' }],
  limit: 50,
}
const PUMP = { objectStructure: 'MXAPIASSET', id: 'BEDFORD/11430' }
const pumps = (client: MaximoClient) => asking((call) => client.query(PUMPS, call))

describe('a kept answer', () => {
  test.each<[string, (client: MaximoClient, call: MaximoCall) => Promise<object>]>([
    ['rows', (client, call) => client.query(PUMPS, call)],
    ['groups', (client, call) => client.aggregate(BY_SITE, call)],
    ['a record', (client, call) => client.findRecord(PUMP, PUMPS.select, call)],
  ])('of %s is given again for its time, with its age; then it is asked for anew', async (_, ask) => {
    const { client } = connect()
    const first = await asking((call) => ask(client, call))
    expect(first).toMatchObject({ answer: { ok: true }, ageMs: 0 })
    clock.advance(LIFETIME_MS - 1)
    expect(await asking((call) => ask(client, call))).toEqual({
      answer: first.answer,
      ageMs: LIFETIME_MS - 1,
      requests: 0,
    })
    clock.advance(1)
    expect(await asking((call) => ask(client, call))).toMatchObject({ ageMs: 0, requests: 1 })
  })

  test('is the answer to one question', async () => {
    const { client } = connect()
    await pumps(client)
    for (const bend of [{ pageSize: 199 }, { select: { fields: ['assetnum'] } }, { count: true }]) {
      const other = await asking((call) => client.query({ ...PUMPS, ...bend }, call))
      expect(other).toMatchObject({ answer: { ok: true }, requests: 1 })
    }
  })

  test('is not given to a call that does not take one', async () => {
    const { client } = connect()
    await pumps(client)
    const fresh = await asking(() => client.query(PUMPS, aCall()))
    expect(fresh).toMatchObject({ answer: { ok: true }, requests: 1 })
  })

  test('is nobody else’s: not another user’s, not another credential’s of the same user', async () => {
    await pumps(connect(PLANNER).client)
    for (const account of ['technician@example.com', 'admin@example.com', PLANNER]) {
      const { client } = connect(account)
      await client.schema('MXAPIASSET', aCall())
      const asked = await pumps(client)
      expect(asked.ageMs, account).toBe(0)
      expect(asked.requests, account).toBeGreaterThan(0)
    }
  })

  test('is forgotten with its client', async () => {
    const { client } = connect()
    await pumps(client)
    client.close()
    expect((await pumps(client)).requests).toBeGreaterThan(0)
  })
})

test('without a cache every answer is asked for anew', async () => {
  const { client } = connect(PLANNER, {})
  await pumps(client)
  expect(await pumps(client)).toMatchObject({ answer: { ok: true }, ageMs: 0, requests: 1 })
})

describe('what is never kept', () => {
  const record =
    (id: string, select = PUMPS.select) =>
    (client: MaximoClient, call: MaximoCall) =>
      client.findRecord({ ...PUMP, id }, select, call)
  test.each<[string, (client: MaximoClient, call: MaximoCall) => Promise<unknown>]>([
    ['a page that is not all', (client, call) => client.query({ ...PUMPS, pageSize: 2 }, call)],
    [
      'a page after the first',
      (client, call) => client.query({ ...PUMPS, pageSize: 5, page: { page: 2 } }, call),
    ],
    ['groups that are not all', (client, call) => client.aggregate({ ...BY_SITE, limit: 1 }, call)],
    ['a record that is not there', record('BEDFORD/NOSUCH')],
    ['the moves a record allows', record(PUMP.id, { fields: ['status'], allowedStates: true })],
    ['who I am', (client, call) => client.whoAmI(call)],
    ['attachments', (client, call) => client.attachments(PUMP, call)],
    ['the inbox', (client, call) => client.inbox({ pageSize: 5 }, call)],
  ])('%s', async (_, ask) => {
    const { client } = connect()
    await asking((call) => ask(client, call))
    const again = await asking((call) => ask(client, call))
    expect(again.ageMs).toBe(0)
    expect(again.requests).toBeGreaterThan(0)
  })

  test('a fault, nor a question that could not be asked', async () => {
    let status = 400
    const maximo = await scriptedMaximo((_, response) => sendJson(response, { member: [] }, status))
    const { client } = open(maximo.baseUrl, KEY)
    const ask = () => asking((call) => client.query(aQuery(), call))
    expect((await faultOf(ask())).kind).toBe('invalid_query')
    status = 200
    expect(await ask()).toMatchObject({ answer: { ok: true }, ageMs: 0 })
    const nonsense = aQuery({ select: { fields: ['no_such'] } })
    for (let time = 0; time < 2; time += 1)
      expect(await asking((call) => client.query(nonsense, call))).toMatchObject({
        answer: { ok: false },
        ageMs: 0,
      })
  })
})

describe('a write', () => {
  const ORDER = { fields: ['description'] }
  const read = (client: MaximoClient, id: string) =>
    asking((call) => client.findRecord({ objectStructure: WO, id }, ORDER, call))
  const descriptionOf = ({ answer }: Awaited<ReturnType<typeof read>>) =>
    answer.ok ? answer.value?.record.values['description'] : answer

  test('makes what is known of its environment old, for every user', async () => {
    const { id, rowstamp } = await plant.workOrder()
    const [mine, theirs] = [connect(), connect('admin@example.com')]
    for (const { client } of [mine, theirs]) await read(client, id)
    const values = { description: 'Leak, sealed' }
    done(await mine.writer.update({ objectStructure: WO, id, rowstamp, values }, writeCall()))
    for (const { client } of [mine, theirs]) {
      const after = await read(client, id)
      expect(after.ageMs).toBe(0)
      expect(descriptionOf(after)).toBe('Leak, sealed')
    }
  })

  test('that is refused does so too, since it may have done more than it says', async () => {
    const { id } = await plant.workOrder()
    const { client, writer } = connect()
    await read(client, id)
    const refused = await writer.update(
      { objectStructure: WO, id, rowstamp: '1', values: { description: 'no' } },
      writeCall(),
    )
    expect(refused.kind).toBe('conflict')
    expect((await read(client, id)).requests).toBe(1)
  })

  test('leaves other environments alone', async () => {
    const maximo = await scriptedMaximo((_, response) => sendJson(response, { member: [] }))
    const elsewhere = open(maximo.baseUrl, KEY).client
    const ask = () => asking((call) => elsewhere.query(aQuery(), call))
    await ask()
    const { id, rowstamp } = await plant.workOrder()
    const values = { description: 'x' }
    done(await connect().writer.update({ objectStructure: WO, id, rowstamp, values }, writeCall()))
    clock.advance(5)
    expect((await ask()).ageMs).toBe(5)
  })

  test('outlives a read that was under way: what that brings is not kept', async () => {
    const answers = cache.answersOf('here')
    const question = { question: 'q', age: new AnswerAge(), contentOf: () => 'x' }
    const asked = { times: 0 }
    let finish = (): void => undefined
    const slow = answers.answer({
      ...question,
      ask: () =>
        new Promise<object>((resolve) => {
          finish = () => resolve({ asked: (asked.times += 1) })
        }),
    })
    await answers.writing(() => Promise.resolve())
    finish()
    await slow
    await answers.answer({ ...question, ask: () => Promise.resolve({ asked: (asked.times += 1) }) })
    expect(asked.times).toBe(2)
  })

  test('reads past the cache before it writes', async () => {
    const { id, rowstamp } = await plant.workOrder()
    const { client, writer } = connect()
    await asking((call) => client.findRecord({ objectStructure: WO, id }, { fields: [] }, call))
    const other = { objectStructure: WO, id, rowstamp, values: { description: 'by somebody else' } }
    done(await plant.as(PLANNER).writer.update(other, writeCall()))
    const call = writeCall({ age: new AnswerAge() })
    expect(await writer.delete({ objectStructure: WO, id, rowstamp }, call)).toMatchObject({
      kind: 'conflict',
    })
  })
})

describe('the cache is bounded', () => {
  const answered = async (bounded: ReadCache, questions: Iterable<string>, size = 10) => {
    const answers = bounded.answersOf('here')
    const asked: string[] = []
    for (const question of questions)
      await answers.answer({
        ...{ question, age: new AnswerAge(), contentOf: () => 'x'.repeat(size) },
        ask: () => Promise.resolve({ asked: asked.push(question) }),
      })
    return asked.join('')
  }

  test('by time, also where a clock starts at zero: nothing counts down without end', async () => {
    const warned: string[] = []
    const onWarning = ({ name }: Error): void => void warned.push(name)
    process.on('warning', onWarning)
    try {
      const kept = aCache({ clock: manualClock(0), lifetimeMs: 10 })
      expect(await answered(kept, ['a', 'a'])).toBe('a')
      await new Promise((resolve) => setTimeout(resolve, 50))
    } finally {
      process.off('warning', onWarning)
    }
    expect(warned).toEqual([])
  })

  test('by entries: the one used longest ago goes first', async () => {
    expect(await answered(aCache({ maxEntries: 2 }), 'abacab')).toBe('abcb')
    expect(await answered(aCache({ maxEntries: 3 }), 'abacab')).toBe('abc')
  })

  test('by bytes, and no answer takes more than its part', async () => {
    const maxBytes = 16_000
    const fits = 480
    expect(await answered(aCache({ maxBytes }), 'aa', fits)).toBe('a')
    expect(await answered(aCache({ maxBytes }), 'aa', fits + 30)).toBe('aa')
    const twenty = 'abcdefghijklmnopqrst'
    expect(await answered(aCache({ maxBytes }), `${twenty}at`, fits)).toBe(`${twenty}a`)
  })
})
