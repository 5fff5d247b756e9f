import {
  Client as ClientV2,
  StreamableHTTPClientTransport as TransportV2,
} from '@modelcontextprotocol/client'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { openPlantDoor, type PlantDoor } from '../support/maximo/plant-door.ts'
import { call, legacyRequest, modernRequest, type RpcMessage } from '../support/mcp/mcp-requests.ts'

let plant: PlantDoor
let url: string
let token: string
let isRecorded = true

beforeAll(async () => {
  plant = await openPlantDoor({
    onAudit: () => (isRecorded ? Promise.resolve() : Promise.reject(new Error('the disk is full'))),
  })
  url = await plant.door.listen()
  const { apiKey } = plant.simulator.accounts.of('planner@example.com')
  token = await plant.door.token({ maximo: { baseUrl: plant.simulator.baseUrl, apiKey } })
})
afterAll(() => plant.close())

/** Reads several pages of work orders. */
const LONG = {
  name: 'call_read_tool',
  arguments: { tool: 'get_backlog', arguments: { site: '*' } },
}
/** Reads no page at all to its end. */
const SHORT = { name: 'get_context', arguments: {} }
const FIRST = { progress: 100, message: '100 records read, more to come' }

const init = () => ({ requestInit: { headers: { authorization: `Bearer ${token}` } } })
const INFO = { name: 'progress-test', version: '1.0.0' }

interface Answer {
  readonly content?: unknown
  readonly isError?: unknown
}

interface Listening {
  callTool(
    asked: typeof LONG | typeof SHORT,
    onprogress: (told: { progress: number; message?: string | undefined }) => void,
  ): Promise<Answer>
  close(): Promise<void>
}

async function connectV1(): Promise<Listening> {
  const client = new ClientV1(INFO)
  await client.connect(new TransportV1(new URL(`${url}/mcp`), init()))
  return {
    callTool: (asked, onprogress) => client.callTool(asked, undefined, { onprogress }) as Promise<Answer>,
    close: () => client.close(),
  }
}

async function connectV2(mode: 'legacy' | { pin: string }): Promise<Listening> {
  const client = new ClientV2(INFO, { versionNegotiation: { mode } })
  await client.connect(new TransportV2(new URL(`${url}/mcp`), init()))
  return {
    callTool: (asked, onprogress) => client.callTool(asked, { onprogress }),
    close: () => client.close(),
  }
}

describe.each([
  ['SDK 1.32', connectV1],
  ['SDK 2, older era', () => connectV2('legacy')],
  ['SDK 2, 2026-07-28', () => connectV2({ pin: '2026-07-28' })],
])('%s', (_name, connect) => {
  test('hears how far a call of many pages is, and gets the same answer as whoever does not ask', async () => {
    const told: object[] = []
    const client = await connect()
    const answer = await client.callTool(LONG, (progress) => told.push(progress))
    expect(told).toEqual([FIRST])
    expect(answer.isError).not.toBe(true)
    expect(JSON.stringify(answer.content)).toContain('open work orders: ')
    const { text } = await plant.ask(LONG.name, LONG.arguments)
    expect(answer.content).toEqual([{ type: 'text', text }])
    await client.close()
  })

  test('hears nothing of a call of one page', async () => {
    const told: object[] = []
    const client = await connect()
    const answer = await client.callTool(SHORT, (progress) => told.push(progress))
    expect([told, answer.isError ?? false]).toEqual([[], false])
    await client.close()
  })
})

const asking = (progressToken: unknown): RpcMessage => ({
  ...call(LONG.name, LONG.arguments),
  params: { ...LONG, _meta: { progressToken } },
})

describe.each([
  ['the older era', legacyRequest],
  ['2026-07-28', modernRequest],
])('in %s', (_era, request) => {
  test('the stream names the token of the call, and its answer comes last', async () => {
    const answer = await plant.door.app.inject(request(asking('backlog-1'), token))
    expect(answer.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
    })
    const events = answer.body
      .split('\n\n')
      .filter((event) => event !== '')
      .map((event) => JSON.parse(event.replace('event: message\ndata: ', '')) as object)
    expect(events).toMatchObject([
      { method: 'notifications/progress', params: { ...FIRST, progressToken: 'backlog-1' } },
      { id: 1, result: { content: [{ type: 'text' }] } },
    ])
  })

  test('a client that reads no streams gets one JSON body', async () => {
    const asked = request(asking(7), token)
    const answer = await plant.door.app.inject({
      ...asked,
      headers: { ...asked.headers, accept: 'application/json' },
    })
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([
      200,
      expect.stringMatching(/^application\/json/),
    ])
  })

  test('an answer whose record could not be written is not given in a stream either', async () => {
    isRecorded = false
    try {
      const answer = await plant.door.app.inject(request(asking(1), token))
      expect(answer.body).toContain('"error":{"code":-32603,"message":"The answer could not be recorded')
      expect(answer.body).not.toContain('"result"')
    } finally {
      isRecorded = true
    }
  })
})

test('a client that leaves in the middle of a stream ends its call, and nobody else’s', async () => {
  const { headers, payload } = legacyRequest(asking('left'), token)
  const leaving = new AbortController()
  plant.simulator.faults.add({ fault: { kind: 'latency', ms: 300 }, when: 'pageSize=100' })
  const answer = await fetch(`${url}/mcp`, { method: 'POST', headers, body: payload, signal: leaving.signal })
  leaving.abort()
  await expect(answer.text()).rejects.toThrow(/abort/i)
  await vi.waitFor(() =>
    expect(plant.door.events.at(-1)).toMatchObject({ responseCode: 499, reason: 'client_gone' }),
  )
  plant.simulator.faults.clear()
  expect((await plant.ask(LONG.name, LONG.arguments)).isError).toBe(false)
})
