import { z } from 'zod'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ok } from '../../../src/kernel/result.ts'
import { Secret } from '../../../src/kernel/secret.ts'
import { AnswerAge } from '../../../src/maximo/answer-age.ts'
import { openEgress } from '../../../src/maximo/egress/egress.ts'
import { ReadCache } from '../../../src/maximo/read-cache.ts'
import { objectRightsUnder } from '../../../src/mcp/admission/object-rights.ts'
import { readPresets } from '../../../src/mcp/admission/presets.ts'
import { asOf } from '../../../src/mcp/tools/result/as-of.ts'
import { openMaximoClients } from '../../../src/mcp/tools/run/clients.ts'
import { guardMaximo, ObjectRefused } from '../../../src/mcp/tools/run/guarded-maximo.ts'
import { defineTool } from '../../../src/mcp/tools/tool.ts'
import { openDoor } from '../../support/mcp/mcp-door.ts'
import { call, legacyRequest } from '../../support/mcp/mcp-requests.ts'
import { openPlantDoor, type PlantDoor } from '../../support/maximo/plant-door.ts'

let keeping: PlantDoor
let plain: PlantDoor
beforeAll(async () => {
  keeping = await openPlantDoor({ readCacheMs: 60_000 })
  plain = await openPlantDoor()
})
afterAll(async () => {
  await keeping.close()
  await plain.close()
})

const ROWS = { object: 'mxapiasset', site: 'BEDFORD', select: ['assetnum', 'status'], limit: 200 }
const GROUPS = { object: 'mxapiasset', site: 'BEDFORD', group_by: ['status'], metrics: ['count'] }
const RECORD = { object: 'mxapiasset', id: 'BEDFORD/11430', select: ['status'] }

test.each([
  ['query_records', ROWS],
  ['aggregate_records', GROUPS],
  ['get_record', RECORD],
])('%s gives a kept answer again, and says since when it is so', async (tool, args) => {
  const { clock } = keeping.door.workshop
  const first = await keeping.ask(tool, args)
  const asked = keeping.simulator.requests()
  clock.advance(20_400)
  const again = await keeping.ask(tool, args)
  expect(keeping.simulator.requests()).toBe(asked)
  expect(again.body).toEqual({ ...first.body, as_of: expect.any(String), cached_s: 21 })
  expect(Date.parse(String(again.body['as_of']))).toBe(Date.parse(String(first.body['as_of'])))
  expect(first.body).not.toHaveProperty('cached_s')
  const other = await keeping.ask(tool, args, 'admin@example.com')
  expect(other.body).not.toHaveProperty('cached_s')
  expect(keeping.simulator.requests()).toBeGreaterThan(asked)
})

test('unless the operator wants it, nothing is kept', async () => {
  await plain.ask('query_records', ROWS)
  const asked = plain.simulator.requests()
  plain.door.workshop.clock.advance(1_000)
  const { body } = await plain.ask('query_records', ROWS)
  expect(plain.simulator.requests()).toBe(asked + 1)
  expect(body).not.toHaveProperty('cached_s')
})

test('what a tool reads in order to change it is read fresh', async () => {
  const reader = (effect: 'read' | 'stage') =>
    defineTool({
      name: `probe_${effect}`,
      title: 'Probe',
      description: 'Says how old what it read is.',
      ...{ toolset: 'core', scopes: ['maximo:read'], risk: 'none', costUnits: 1, reachesOutside: true },
      effect,
      input: z.strictObject({}),
      output: z.unknown(),
      run: async (_, context) => {
        const record = { objectStructure: 'MXAPIASSET', id: RECORD.id }
        await context.maximo.findRecord(record, { fields: ['status'] }, context.call)
        return ok({ text: String(asOf(context).cached_s ?? 'fresh'), recordCount: 1 })
      },
    })
  const door = await openDoor({ catalog: [reader('read'), reader('stage')], readCacheMs: 60_000 })
  const { apiKey } = keeping.simulator.accounts.of('planner@example.com')
  const token = await door.token({ maximo: { baseUrl: keeping.simulator.baseUrl, apiKey } })
  const said: unknown[] = []
  for (const tool of ['probe_read', 'probe_read', 'probe_stage']) {
    const answer = await door.app.inject(legacyRequest(call(tool, {}), token))
    said.push(answer.json<{ result: { content: { text: string }[] } }>().result.content[0]?.text)
    door.workshop.clock.advance(7_000)
  }
  expect(said).toEqual(['fresh', '7', 'fresh'])
  await door.close()
})

test('the rules of a grant hold for kept answers too', async () => {
  const { clock } = keeping.door.workshop
  const egress = openEgress({ allowCidrs: [], allowLoopbackHttp: true, clock })
  const clients = openMaximoClients({
    ...{ egress, clock },
    readCache: new ReadCache({ clock, lifetimeMs: 60_000 }),
    keepReplaced: () => Promise.reject(new Error('no identity provider here')),
  })
  const client = clients.of({
    baseUrl: keeping.simulator.baseUrl,
    method: 'apikey',
    credential: new Secret(keeping.simulator.accounts.of('planner@example.com').apiKey),
    certificate: undefined,
    owned: { sub: 'user_1', env: 'env_1' },
    cacheKey: 'user_1:env_1:1',
  })
  const asked = { signal: new AbortController().signal, correlationId: 'test-1', age: new AnswerAge() }
  const query = { objectStructure: 'MXAPIASSET', select: { fields: ['assetnum'] }, pageSize: 1_000 }
  expect(await client.query(query, asked)).toMatchObject({ ok: true, value: { next: null } })
  const orders = guardMaximo(client, objectRightsUnder(readPresets({}))('MXAPIWODETAIL:r'))
  await expect(orders.query(query, asked)).rejects.toThrow(ObjectRefused)
  await egress.close()
})
