import { afterEach, describe, expect, test } from 'vitest'
import type { CallSignal } from '../../src/kernel/call-signal.ts'
import { CallEnded } from '../../src/mcp/tools/run/run-work.ts'
import type { ToolContext } from '../../src/mcp/tools/tool.ts'
import { openDoor, type McpDoor } from '../support/mcp/mcp-door.ts'
import { call, legacyRequest, modernRequest, without, type RpcMessage } from '../support/mcp/mcp-requests.ts'
import { echo, waiting } from '../support/mcp/small-tools.ts'
import { stockHandler } from '../support/mcp/stock-server.ts'

const contextOf = (signal: CallSignal): ToolContext =>
  ({ call: { signal, correlationId: 'x' } }) as ToolContext
let door: McpDoor | null = null
afterEach(async () => {
  await door?.close()
  door = null
})

type Make = typeof modernRequest
const ERAS: [string, Make][] = [
  ['modern', modernRequest],
  ['legacy', legacyRequest],
]

function fetchInit(make: Make, message: RpcMessage, token: string): RequestInit {
  const { headers, payload } = make(message, token)
  return { method: 'POST', headers: without(headers, 'host'), body: payload }
}

describe('a client that leaves in the middle of a call', () => {
  test.each(ERAS)('stops the work with us, in the %s era', async (_era, make) => {
    const wait = waiting()
    door = await openDoor({ catalog: [wait.tool] })
    const url = await door.listen()
    const leaving = new AbortController()
    const init = fetchInit(make, call('wait_forever'), await door.token())
    const gone = fetch(`${url}/mcp`, { ...init, signal: leaving.signal }).catch((error: unknown) => error)
    await wait.started
    leaving.abort()
    expect(await wait.ended).toEqual(new CallEnded('client'))
    expect(await gone).toMatchObject({ name: 'AbortError' })
    await expect
      .poll(() => door?.events.at(-1))
      .toMatchObject({ reason: 'client_gone', responseCode: 499, tool: 'wait_forever' })
  })

  test('stops the work with the SDK too, where its era can', async () => {
    const wait = waiting()
    const stock = stockHandler([wait.tool], contextOf)
    const leaving = new AbortController()
    const init = fetchInit(modernRequest, call('wait_forever'), '')
    void stock.fetch(new Request('http://localhost/mcp', { ...init, signal: leaving.signal }))
    await wait.started
    leaving.abort()
    expect(await wait.ended).toBeDefined()
    await stock.close()
  })
})

describe('a stream of notifications', () => {
  test('opens, acknowledges that there is nothing to hear, and ends with its client', async () => {
    door = await openDoor({ catalog: [echo] })
    const url = await door.listen()
    const token = await door.token()
    const message = { method: 'subscriptions/listen', params: { notifications: { toolsListChanged: true } } }
    const leaving = new AbortController()
    const ours = await fetch(`${url}/mcp`, {
      ...fetchInit(modernRequest, message, token),
      signal: leaving.signal,
    })
    expect(ours.headers.get('content-type')).toBe('text/event-stream')

    const stock = stockHandler([echo], contextOf)
    const theirs = await stock.fetch(
      new Request('http://localhost/mcp', fetchInit(modernRequest, message, '')),
    )
    expect(await firstMessage(ours)).toEqual(await firstMessage(theirs))
    leaving.abort()
    await stock.close()
  })
})

async function firstMessage(response: Response): Promise<unknown> {
  const reader = response.body?.getReader()
  const chunk = await reader?.read()
  const text = Buffer.from((chunk?.value ?? []) as Uint8Array).toString()
  return JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? 'null') as unknown
}
