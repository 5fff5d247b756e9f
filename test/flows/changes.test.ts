import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { changesWaiting, vaultOpen, vaultTake } from '../../src/crypto/internal-api.ts'
import { randomId } from '../../src/kernel/random.ts'
import { MemoryStore } from '../../src/kernel/store/memory-store.ts'
import { startMcp } from '../../src/mcp/start.ts'
import { captureLog } from '../support/log.ts'
import { ALICE, BOB, McpWorld, send, type Grant, type Person } from '../support/mcp/mcp-world.ts'
import { freePort } from '../support/ports.ts'
import {
  begin,
  cookieOf,
  fieldsOf,
  openVisit,
  post,
  type VaultPage,
} from '../support/browser/vault-browser.ts'

const SCOPE = 'maximo:read maximo:write maximo:finance'
let world: McpWorld
let grant: Grant

beforeAll(async () => {
  world = await McpWorld.start()
  grant = await world.attest(ALICE, { ...(await addEnvironment()), scp: `${SCOPE} offline_access` })
})
afterAll(() => world.close())

interface Reply {
  readonly text: string
  readonly body: Record<string, unknown>
}

/** Through the vault, so that the server itself has the credential. */
async function addEnvironment(): Promise<{ env: string; blob: string }> {
  const visit = await openVisit(world, ALICE, { purpose: 'add' })
  const page = await begin(world, visit.handle)
  const { apiKey } = world.simulator.accounts.of('planner@example.com')
  const typed = { label: 'Plant', baseUrl: world.simulator.baseUrl, method: 'apikey', key: apiKey }
  const form = { ...fieldsOf(page, '/vault/save'), ...typed }
  await post(world, '/vault/save', { cookie: cookieOf(page), form })
  const { env, blob } = (await world.call(vaultTake.path, { take: visit.take, ...ALICE })).json
  return { env: String(env), blob: String(blob) }
}

/** A new token each time, unless it matters which. */
const aToken = () => world.token(grant, { scope: SCOPE })

async function ask(name: string, args: object, as?: string): Promise<Reply> {
  const params = { name, arguments: args }
  const path = as?.startsWith('mxci_') === true ? '/ci/mcp' : '/mcp'
  const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params }
  const answer = await world.rpc(as ?? (await aToken()), { path, body })
  const result = answer.json['result'] as { content: { text: string }[] } | undefined
  const text = result?.content[0]?.text ?? answer.text
  return {
    text,
    body: result !== undefined && text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {},
  }
}
const stage = async (tool: string, args: object, as?: string): Promise<string> => {
  const { text, body } = await ask('call_write_tool', { tool, arguments: { reason: 'a test', ...args } }, as)
  if (body['change_id'] === undefined) throw new Error(text)
  return body['change_id'] as string
}
const commit = (id: string, as?: string) => ask('commit_change', { change_id: id }, as)
const look = (id: string) => ask('call_read_tool', { tool: 'get_change', arguments: { change_id: id } })
let made = 0
/** A change of medium risk, each another one. */
const priority = () => {
  made += 1
  return stage('update_work_order', { wonum: '1001', values: { description: `Words ${made}` } })
}

const waiting = async ({ sub }: Person): Promise<{ id: string; risk: string; isOwn: boolean }[]> =>
  (await world.call(changesWaiting.path, { sub })).json['changes'] as never
const openChange = async (person: Person, change: string): Promise<VaultPage> =>
  begin(world, (await openVisit(world, person, { purpose: 'change', change })).handle)
const decide = (page: VaultPage, path: '/vault/change/approve' | '/vault/change/refuse', headers = {}) =>
  post(world, path, { cookie: cookieOf(page), form: fieldsOf(page, path), headers })

describe('the approval page', () => {
  test('shows the change, takes a yes, and only then it is written', async () => {
    const id = await stage('change_work_order_status', { wonum: '1001', status: 'APPR' })
    expect((await commit(id)).text).toContain('needs_approval')
    expect(await waiting(ALICE)).toContainEqual({
      id,
      risk: 'medium',
      madeMs: expect.any(Number),
      isOwn: true,
    })
    const page = await openChange(ALICE, id)
    expect(page.status).toBe(200)
    for (const shown of ['BEDFORD/1001', 'WAPPR', 'APPR', 'medium', 'a test', 'A client', '127.0.0.1'])
      expect(page.text).toContain(shown)
    expect(page.text).not.toMatch(/<script|<img|javascript:/)
    const yes = await decide(page, '/vault/change/approve')
    expect(yes.text).toContain('You agreed to this change')
    expect((await waiting(ALICE)).map((one) => one.id)).not.toContain(id)
    expect((await commit(id)).body).toMatchObject({ state: 'written', approved_by: 'page' })
    const acts = (await world.audited()).filter(({ eventType }) => eventType === 'change.approved')
    expect(acts.at(-1)).toMatchObject({ principal: ALICE.sub, outcome: 'success', reason: `change_${id}` })
    expect((await openVisit(world, ALICE, { purpose: 'change', change: id })).handle).toBeDefined()
    expect((await openChange(ALICE, id)).status).toBe(410)
  })

  test('takes a no, and then it can never be written', async () => {
    const id = await priority()
    expect((await decide(await openChange(ALICE, id), '/vault/change/refuse')).text).toContain('is discarded')
    expect((await commit(id)).text).toMatch(/^not_found: This change was discarded/)
    const acts = (await world.audited()).filter(({ eventType }) => eventType === 'change.discarded')
    expect(acts.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['intent', `change_${id}`],
      ['success', `change_${id}`],
    ])
  })

  test('is not for somebody else, and a change of nobody is as unknown as theirs', async () => {
    const id = await priority()
    for (const change of [id, randomId()]) {
      const asked = {
        clerkToken: world.clerkToken(BOB),
        transaction: randomId(),
        account: 'b',
        purpose: 'change',
        change,
      }
      expect(await world.call(vaultOpen.path, asked)).toMatchObject({
        status: 422,
        json: { error: 'change_unknown' },
      })
    }
    expect(await waiting(BOB)).toEqual([])
  })

  test.each<[string, Record<string, string>]>([
    ['another site', { origin: 'https://evil.test' }],
    ['the portal', { origin: 'http://localhost:8080' }],
    ['a script', { 'sec-fetch-mode': 'cors' }],
    ['another site, as its browser says', { 'sec-fetch-site': 'cross-site' }],
  ])('takes no answer from %s', async (_name, headers) => {
    const id = await priority()
    const page = await openChange(ALICE, id)
    expect((await decide(page, '/vault/change/approve', headers)).status).toBe(403)
    expect((await commit(id)).text).toContain('needs_approval')
  })

  test('takes no answer without its visit, with the form of another visit, or twice', async () => {
    const [id, other] = [await priority(), await priority()]
    const [page, foreign] = [await openChange(ALICE, id), await openChange(ALICE, other)]
    const path = '/vault/change/approve'
    expect((await post(world, path, { cookie: '', form: fieldsOf(page, path) })).status).toBe(403)
    expect((await post(world, path, { cookie: cookieOf(page), form: fieldsOf(foreign, path) })).status).toBe(
      403,
    )
    const swapped = fieldsOf(page, '/vault/change/refuse')
    expect((await post(world, path, { cookie: cookieOf(page), form: swapped })).status).toBe(403)
    expect((await commit(id)).text).toContain('needs_approval')
    expect((await decide(page, path)).status).toBe(200)
    expect((await decide(page, path)).status).toBe(409)
    expect((await commit(other)).text).toContain('needs_approval')
  })

  test('is gone when the time of the change is over', async () => {
    const id = await priority()
    const visit = await openVisit(world, ALICE, { purpose: 'change', change: id })
    const page = await begin(world, visit.handle)
    world.clock.advance(3_600_000 - 1)
    expect((await openChange(ALICE, id)).status).toBe(200)
    world.clock.advance(1)
    expect((await decide(page, '/vault/change/approve')).status).toBe(403)
    const late = {
      clerkToken: world.clerkToken(ALICE),
      transaction: randomId(),
      account: 'a',
      purpose: 'change',
      change: id,
    }
    expect((await world.call(vaultOpen.path, late)).status).toBe(422)
  })
})

describe('a plan is bound', () => {
  test('to the connection that staged it: another one of the same person cannot commit it', async () => {
    const other = await world.attest(ALICE, { env: grant.env, scp: SCOPE })
    const id = await stage('add_work_log', { record: '1001', kind: 'work_order', summary: 'Mine' })
    expect((await commit(id, await world.token(other, { scope: SCOPE }))).text).toMatch(/^not_found/)
    expect((await commit(id)).body).toMatchObject({ state: 'written' })
    expect((await commit(id, await world.token(other, { scope: SCOPE }))).text).toMatch(/^not_found/)
  })

  test('to the scopes it needs: a narrower token of the same connection cannot commit money', async () => {
    const lines = [{ description: 'Seal', quantity: 1, unit_cost: 1 }]
    const id = await stage('create_purchase_requisition', { description: 'Seals', lines })
    const narrow = await world.token(grant, { scope: 'maximo:read maximo:write' })
    expect((await commit(id, narrow)).text).toMatch(/^needs_scope: .*maximo:finance/)
    const staged = await ask(
      'plan_change',
      {
        ...{
          operations: [{ op: 'update', object: 'mxapipr', id: 'BEDFORD/1', values: { description: 'x' } }],
          reason: 'x',
        },
      },
      narrow,
    )
    expect(staged.text).toMatch(/^needs_scope/)
  })
})

describe('a token without a person', () => {
  const ci = async (rsk?: 'medium' | 'high'): Promise<string> => {
    const made = await world.attestCi(ALICE, { scp: SCOPE, ...(rsk === undefined ? {} : { rsk }) })
    return world.token(made, { scope: SCOPE })
  }

  test.each([
    [undefined, 'refused', 'refused'],
    ['medium', 'written', 'refused'],
    ['high', 'written', 'written'],
  ] as const)('made with risk %s: medium is %s, high is %s', async (rsk, medium, high) => {
    const as = await ci(rsk)
    const made = await stage(
      'create_service_request',
      { description: `Of a pipeline ${rsk ?? ''}`, location: 'BR230' },
      as,
    )
    const first = await commit(made, as)
    expect(first.text).toMatch(
      medium === 'written' ? /"approved_by":"grant"/ : /^not_permitted: Nobody can be asked/,
    )
    const lines = [{ description: 'Seal', quantity: 1, unit_cost: 1 }]
    const second = await commit(
      await stage('create_purchase_requisition', { description: 'By CI', lines }, as),
      as,
    )
    expect(second.text).toMatch(
      high === 'written' ? /"approved_by":"grant"/ : /^not_permitted: Nobody can be asked/,
    )
    const note = await stage(
      'add_work_log',
      { record: '1001', kind: 'work_order', summary: `CI ${rsk ?? ''}` },
      as,
    )
    expect((await commit(note, as)).body).toMatchObject({ state: 'written', approved_by: 'policy' })
  })
})

describe('where the plans file names a second person', () => {
  test('their yes counts, on a page of their own, and the owner’s does not', async () => {
    const first = world
    const folder = await mkdtemp(join(tmpdir(), 'mx-plans-'))
    const plans = { pro: { perDay: null, secondApprover: { from: 'medium', users: [ALICE.sub, BOB.sub] } } }
    await writeFile(join(folder, 'plans.json'), JSON.stringify({ default: 'pro', plans }))
    world = await McpWorld.start({ PLANS_FILE: join(folder, 'plans.json') })
    const before = grant
    try {
      grant = await world.attest(ALICE, { scp: SCOPE })
      const id = await priority()
      expect((await commit(id)).text).toMatch(/^needs_approval: .*somebody else than its owner/)
      expect(await waiting(ALICE)).toEqual([])
      expect(await waiting(BOB)).toEqual([{ id, risk: 'medium', madeMs: expect.any(Number), isOwn: false }])
      const own = { clerkToken: world.clerkToken(ALICE), transaction: randomId(), account: 'a' }
      expect(await world.call(vaultOpen.path, { ...own, purpose: 'change', change: id })).toMatchObject({
        ...{ status: 422, json: { error: 'change_unknown' } },
      })
      const page = await openChange(BOB, id)
      expect(page.text).toContain('Somebody else wants to write this')
      expect(page.text).toContain(ALICE.sub)
      await decide(page, '/vault/change/approve')
      expect((await commit(id)).body).toMatchObject({ state: 'written', approved_by: 'page' })
      const acts = (await world.audited()).filter(({ eventType }) => eventType === 'change.approved')
      expect(acts).toMatchObject([{ principal: BOB.sub }])
    } finally {
      await world.close()
      await rm(folder, { recursive: true, force: true })
      ;[world, grant] = [first, before]
    }
  })
})

describe('a restart', () => {
  test('forgets plans that wait without Redis, and nothing that was committed', async () => {
    const [written, plan] = [
      await stage('add_work_log', { record: '1001', kind: 'work_order', summary: 'Before' }),
      await stage('add_work_log', { record: '1001', kind: 'work_order', summary: 'Waits' }),
    ]
    await commit(written)
    await world.restart()
    expect((await commit(plan)).text).toMatch(/^not_found/)
    expect((await look(written)).body).toMatchObject({ state: 'written' })
    const again = await commit(written)
    expect(again.body).toMatchObject({ state: 'written' })
    expect(rows('Before')).toBe(1)
  })

  const rows = (summary: string): number =>
    world.simulator.plant.find('WORKLOG', 'recordkey', '1001').filter((row) => row['description'] === summary)
      .length

  /** What a server finds on its disk after it was killed in this very moment. */
  const killedNow = async (): Promise<string> => {
    const folder = await mkdtemp(join(tmpdir(), 'mx-killed-'))
    await cp(world.dataDir, folder, { recursive: true, filter: (path) => !path.endsWith('.lock') })
    return folder
  }

  test.each<[string, 'before-answer' | 'after-work', string, number]>([
    ['was carried out', 'after-work', 'written', 1],
    ['was lost on its way', 'before-answer', 'not_written', 0],
  ])(
    'after a kill between request and answer finds out that the request %s',
    async (what, when, state, count) => {
      const id = await stage('add_work_log', { record: '1001', kind: 'work_order', summary: what })
      const fault = { kind: 'reset', when, afterMs: 1_500 } as const
      world.simulator.faults.add({ fault, times: 1, when: 'interactive=1' })
      const committed = commit(id)
      await expect.poll(async () => (await look(id)).body['state'], { timeout: 10_000 }).toBe('writing')
      const folder = await killedNow()
      // What Maximo and the network do with the request happens without the server that sent it.
      await committed
      const there = await startMcp(
        { ...world.env, DATA_DIR: folder, MCP_PORT: String(await freePort()) },
        { clock: world.clock, log: captureLog().log, store: new MemoryStore(world.clock) },
      )
      try {
        const journal = (): Promise<string> => readFile(join(folder, 'mcp', 'journal', 'mcp-1.jsonl'), 'utf8')
        // Without being asked: what is there can be told at once.
        if (count === 1) await expect.poll(journal, { timeout: 10_000 }).toContain('"why":"looked"')
        world.clock.advance(120_000)
        const seen = await askAt(there.url, 'call_read_tool', {
          tool: 'get_change',
          arguments: { change_id: id },
        })
        expect(seen).toMatchObject({ state, records: [{ why: 'looked' }] })
        expect(await askAt(there.url, 'get_context', {})).toMatchObject({ env: expect.any(String) })
        expect(rows(what)).toBe(count)
      } finally {
        await there.close()
        await rm(folder, { recursive: true, force: true })
      }
    },
  )

  async function askAt(url: string, name: string, args: object): Promise<unknown> {
    const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } }
    const answer = await send(`${url}/mcp`, {
      method: 'POST',
      headers: {
        ...{ 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
        ...{ authorization: `Bearer ${await aToken()}`, host: new URL(world.mcpUrl).host },
      },
      body: JSON.stringify(body),
    })
    const result = answer.json['result'] as { content: { text: string }[] }
    return JSON.parse(result.content[0]?.text ?? '') as unknown
  }
})
