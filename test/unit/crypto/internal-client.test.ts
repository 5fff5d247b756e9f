import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { openInternalClient, type InternalClientOptions } from '../../../src/crypto/internal-client.ts'
import { verifyCall } from '../../../src/crypto/internal-call.ts'
import { publicHalf } from '../../../src/crypto/keys/jwk.ts'
import type { PeerKeys } from '../../../src/crypto/keys/key-ring.ts'
import type { Key } from '../../../src/crypto/keys/key.ts'
import { importKey } from '../../../src/crypto/keys/material.ts'
import { ANSWER_HEADER, isAnswerOf, signAnswer } from '../../../src/crypto/peer-answer.ts'
import { openPeers } from '../../../src/crypto/peers.ts'
import { useCall } from '../../../src/crypto/use-call.ts'
import { StoreUnavailable } from '../../../src/kernel/store/contract.ts'
import { MemoryStore } from '../../../src/kernel/store/memory-store.ts'
import { manualClock } from '../../support/clock.ts'
import { captureLog } from '../../support/log.ts'
import { ed25519Jwk } from '../../support/vectors/vector-keys.ts'

const clock = manualClock()
let peer: PeerKeys
beforeAll(async () => {
  const [kid, jwk] = ['mj-AAAAAAAA', ed25519Jwk('peer')]
  const about = { purpose: 'peer', kid, state: 'active' } as const
  const verifier = await importKey(about, publicHalf(jwk))
  peer = { active: await importKey(about, jwk), find: (one) => (one === kid ? verifier : undefined) }
})

const toEnd: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of toEnd.splice(0).reverse()) await end()
})

interface Asked {
  readonly method: string | undefined
  readonly path: string
  readonly headers: Readonly<Record<string, unknown>>
  readonly jws: string
}
type Answering = (reply: ServerResponse, asked: Asked) => unknown

/** An internal listener that answers as told, and what it was asked. */
async function listener(answering: Answering): Promise<{ readonly url: string; readonly asked: Asked[] }> {
  const asked: Asked[] = []
  const server = createServer((request, reply) => {
    void (async () => {
      const { method, url: path = '', headers } = request
      const one = { method, path, headers, jws: await text(request) }
      asked.push(one)
      await answering(reply, one)
    })()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  toEnd.push(async () => {
    server.closeAllConnections()
    await new Promise((closed) => server.close(closed))
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

const ENDPOINT = { path: '/internal/echo', ask: z.strictObject({ n: z.int() }), answer: z.string() }
const saying =
  (status: number, body: unknown): Answering =>
  (reply) =>
    reply.writeHead(status).end(JSON.stringify(body))

function client(urls: readonly string[], over: Partial<InternalClientOptions> = {}) {
  const captured = captureLog()
  const opened = openInternalClient({
    servers: urls.map((url, index) => ({ id: `mcp-${index + 1}`, url })),
    ...{ issuer: 'portal-1', signer: () => peer.active as Key<'peer'>, clock, log: captured.log },
    ...over,
  })
  toEnd.push(() => opened.abort())
  const why = () => captured.events().map(({ server, path, why: one, msg }) => [server, path, one, msg])
  return { call: opened.calls(ENDPOINT), opened, why }
}
const silent = (why: string, server = 'mcp-1') => [
  ...[server, '/internal/echo', why, 'internal call without an answer'],
]
const unavailable = { ok: false, error: { reason: 'unavailable' } }

describe('an internal call', () => {
  test('is posted as a JWS that its own server verifies, and answered in JSON', async () => {
    const { url, asked } = await listener(saying(200, 'heard'))
    const { call, why } = client([url])
    expect(await call({ n: 7 })).toEqual({ ok: true, value: 'heard' })
    expect(asked.map(({ method, path }) => [method, path])).toEqual([['POST', '/internal/echo']])
    expect(asked[0]?.headers).toMatchObject({
      'content-type': 'application/jose',
      accept: 'application/json',
    })
    const [jws, callers] = [asked[0]?.jws ?? '', ['peer'] as const]
    const verified = await verifyCall({
      path: '/internal/echo',
      jws,
      audience: 'mcp-1',
      callers,
      keys: { peer },
      clock,
    })
    expect(verified).toMatchObject({ ok: true, value: { issuer: 'portal-1', body: { n: 7 } } })
    expect(why()).toEqual([])
  })

  test('that asks for what cannot be asked is the caller’s own bug', async () => {
    const { url, asked } = await listener(saying(200, 'heard'))
    await expect(client([url]).call({ n: 0.5 })).rejects.toThrow()
    expect(asked).toEqual([])
  })

  test.each<[string, Answering]>([
    ['no answer', (reply) => reply.destroy()],
    ['no answer', (reply) => reply.writeHead(200).end('<html>')],
    ['unreadable answer', saying(200, 7)],
    ['status 500', saying(500, 'heard')],
    ['status 201', saying(201, 'heard')],
  ])('without an answer is told, and the next server is asked: %s', async (said, answering) => {
    const [first, second] = [await listener(answering), await listener(saying(200, 'heard'))]
    const alone = client([first.url])
    expect([await alone.call({ n: 1 }), alone.why()]).toEqual([unavailable, [silent(said)]])
    const both = client([first.url, second.url])
    expect([await both.call({ n: 1 }), both.why()]).toEqual([{ ok: true, value: 'heard' }, [silent(said)]])
  })

  test('of no server at all is unavailable', async () => {
    expect(await client([]).call({ n: 1 })).toEqual(unavailable)
  })

  test.each<[status: number, body: unknown, word: string]>([
    [409, { error: 'anything' }, 'used_before'],
    [422, { error: 'x' }, 'x'],
    [422, { error: 'a_9'.repeat(20) }, 'a_9'.repeat(20)],
    [422, { error: 'a'.repeat(61) }, 'refused'],
    [422, { error: 'owner mismatch' }, 'refused'],
    [422, { error: 'Owner' }, 'refused'],
    [422, { error: '' }, 'refused'],
    [422, { error: ['owner'] }, 'refused'],
    [422, { other: 'owner' }, 'refused'],
    [422, null, 'refused'],
    [422, 'owner', 'refused'],
  ])(
    'that is refused is asked of nobody else, and the word is one of ours (%i %j)',
    async (status, body, word) => {
      const [first, second] = [await listener(saying(status, body)), await listener(saying(200, 'heard'))]
      const { call, why } = client([first.url, second.url])
      expect(await call({ n: 1 })).toEqual({ ok: false, error: { reason: 'refused', refusal: word } })
      expect([second.asked, why()]).toEqual([[], []])
    },
  )

  test.each([
    [undefined, 16_384],
    [100, 100],
  ])('has an answer of at most %s bytes, which are %i', async (maxAnswerBytes, most) => {
    const of = async (bytes: number) => {
      const { url } = await listener(saying(200, 'x'.repeat(bytes - 2)))
      const { call, why } = client([url], maxAnswerBytes === undefined ? {} : { maxAnswerBytes })
      const answer = await call({ n: 1 })
      return answer.ok ? answer.value.length + 2 : why()
    }
    expect([await of(most), await of(most + 1)]).toEqual([most, [silent('no answer')]])
  })

  test('that comes in pieces is put together', async () => {
    const { url } = await listener((reply) => {
      reply.writeHead(200).write('"he')
      setImmediate(() => reply.end('ard"'))
    })
    expect(await client([url]).call({ n: 1 })).toEqual({ ok: true, value: 'heard' })
  })

  test('is given up after its time', async () => {
    const { url } = await listener(() => undefined)
    const { call, why } = client([url], { answerTimeoutMs: 100 })
    expect([await call({ n: 1 }), why()]).toEqual([unavailable, [silent('no answer')]])
  })

  test('ends with its client, where that is ended at once', async () => {
    const { url, asked } = await listener(() => undefined)
    const { call, opened } = client([url], { answerTimeoutMs: 600_000 })
    const pending = call({ n: 1 })
    while (asked.length < 1) await new Promise(setImmediate)
    await opened.abort()
    expect(await pending).toEqual(unavailable)
  })

  test('finishes when its client is closed, behind which there are no others', async () => {
    const { url, asked } = await listener(saying(200, 'heard'))
    const { call, opened } = client([url])
    const pending = call({ n: 1 })
    while (asked.length < 1) await new Promise(setImmediate)
    await opened.close()
    expect([await pending, await call({ n: 2 })]).toEqual([{ ok: true, value: 'heard' }, unavailable])
    expect(asked).toHaveLength(1)
  })

  test('needs the authority that it was given', () => {
    expect(() => client([], { caFile: '/nowhere/ca.pem' })).toThrow(
      /^The configuration has problems:\n {2}MCP_INTERNAL_TLS_CA: \/nowhere\/ca\.pem cannot be read \(ENOENT\)$/,
    )
  })
})

describe('an answer among peers', () => {
  const path = '/internal/echo'
  /** As a peer answers: over the text, for the call. */
  const signing =
    (body: unknown, over: { readonly text?: string; readonly status?: number } = {}): Answering =>
    async (reply, { jws }) => {
      const callers = ['peer'] as const
      const call = await verifyCall({ path, jws, audience: 'mcp-1', callers, keys: { peer }, clock })
      const said = JSON.stringify(body)
      const about = { path, text: over.text ?? said, clock, issuer: 'mcp-1', keys: peer }
      const signature = call.ok ? await signAnswer(call.value, about) : null
      reply.writeHead(over.status ?? 200, { [ANSWER_HEADER]: signature ?? '' }).end(said)
    }
  const ask = async (answering: Answering) => {
    const { url } = await listener(answering)
    const { call, why } = client([url], { answerKeys: () => peer })
    const answer = await call({ n: 1 })
    return answer.ok ? answer.value : (why()[0]?.[2] ?? answer.error)
  }

  test('counts when it is signed by who was asked', async () => {
    expect(await ask(signing('heard'))).toBe('heard')
  })

  test.each<[string, Answering]>([
    ['not signed', saying(200, 'heard')],
    ['signed over something else', signing('heard', { text: '"heard" ' })],
  ])('that is %s counts for nothing', async (_what, answering) => {
    expect(await ask(answering)).toBe('an answer that is not signed by it')
  })

  test('that is a refusal need not be signed', async () => {
    expect(await ask(saying(422, { error: 'stale' }))).toEqual({ reason: 'refused', refusal: 'stale' })
  })

  test('is one to this call alone: its path, its text, whose it is and for whom', async () => {
    const call = { issuer: 'mcp-2', audience: 'mcp-1', jti: 'A'.repeat(22) }
    const about = { path, text: '{}', clock }
    const jws = (await signAnswer(call, { ...about, issuer: 'mcp-1', keys: peer })) ?? ''
    const isIt = (overCall: object, over: object = {}): Promise<boolean> =>
      isAnswerOf({ ...call, ...overCall }, { ...about, jws, keys: peer, ...over })
    expect(await isIt({})).toBe(true)
    const others = [{ issuer: 'mcp-3' }, { audience: 'mcp-3' }, { jti: 'B'.repeat(22) }]
    expect(await Promise.all(others.map((one) => isIt(one)))).toEqual([false, false, false])
    const bent = [
      { path: '/internal/other' },
      { text: '[]' },
      { keys: { find: () => undefined } },
      { jws: '' },
    ]
    expect(await Promise.all(bent.map((one) => isIt({}, one)))).toEqual([false, false, false, false])
    // No call is an answer, not even to itself.
    const asACall = { path: `${path}/answer`, jws, audience: 'mcp-2', callers: ['peer'] as const, clock }
    expect((await verifyCall({ ...asACall, keys: { peer } })).ok).toBe(true)
    expect((await verifyCall({ ...asACall, path, keys: { peer } })).ok).toBe(false)
    const keyless = { active: undefined, find: () => undefined }
    expect(await signAnswer(call, { ...about, issuer: 'mcp-1', keys: keyless })).toBeNull()
  })
})

describe('the other servers of a service', () => {
  const tip = { n: 4, hash: 'h'.repeat(43) }
  const opened = (urls: readonly string[], keys: PeerKeys = peer) => {
    const captured = captureLog()
    const servers = urls.map((url) => ({ id: 'mcp-1', url }))
    const peers = openPeers({
      ...{ servers, caFile: undefined, instanceId: 'mcp-2', keys: () => keys, clock, log: captured.log },
    })
    toEnd.push(peers.close)
    return { ...peers, log: captured }
  }
  const answered =
    (body: unknown): Answering =>
    async (reply, { path, jws }) => {
      const call = await verifyCall({
        path,
        jws,
        audience: 'mcp-1',
        callers: ['peer'],
        keys: { peer },
        clock,
      })
      const said = JSON.stringify(body)
      const about = { path, text: said, clock, issuer: 'mcp-1', keys: peer }
      const signature = call.ok ? await signAnswer(call.value, about) : null
      reply.writeHead(200, { [ANSWER_HEADER]: signature ?? '' }).end(said)
    }
  const bodyOf = async ({ path, jws }: Asked): Promise<unknown> => {
    const call = await verifyCall({ path, jws, audience: 'mcp-1', callers: ['peer'], keys: { peer }, clock })
    return call.ok && [call.value.issuer, call.value.body]
  }

  test('take copies of a journal', async () => {
    const { url, asked } = await listener(answered({ state: 'kept', tip }))
    const { peers } = opened([url])
    const copied = { writer: 'mcp-2', after: tip, lines: ['{"a":1}', '{"b":2}'] }
    expect(peers.map(({ id }) => id)).toEqual(['mcp-1'])
    expect(await peers[0]?.copy(copied)).toEqual({ state: 'kept', tip })
    expect(asked.map(({ path }) => path)).toEqual(['/internal/journals'])
    expect(await bodyOf(asked[0] as Asked)).toEqual(['mcp-2', copied])
  })

  test('give back what they hold, in answers of hundreds of kilobytes', async () => {
    const held = { state: 'lines', lines: Array(100).fill('x'.repeat(1500)), more: false }
    const { url, asked } = await listener(answered(held))
    expect(await opened([url]).peers[0]?.fetch({ writer: 'mcp-2', after: tip })).toEqual(held)
    expect(asked.map(({ path }) => path)).toEqual(['/internal/journals/fetch'])
    expect(await bodyOf(asked[0] as Asked)).toEqual(['mcp-2', { writer: 'mcp-2', after: tip }])
  })

  test('that are silent are told nothing of at each try, nor is one that another signed for', async () => {
    const { url } = await listener(saying(200, { state: 'kept', tip }))
    for (const address of [url, 'http://127.0.0.1:1']) {
      const { peers, log } = opened([address])
      expect(await peers[0]?.copy({ writer: 'mcp-2', after: tip, lines: [] })).toBeNull()
      expect(await peers[0]?.fetch({ writer: 'mcp-2', after: tip })).toBeNull()
      expect(log.text()).toBe('')
    }
  })

  test('are left when this one ends', async () => {
    const { url, asked } = await listener(() => undefined)
    const { peers, close } = opened([url])
    const copy = () => peers[0]?.copy({ writer: 'mcp-2', after: tip, lines: [] })
    const pending = copy()
    while (asked.length < 1) await new Promise(setImmediate)
    await close()
    expect([await pending, await copy(), asked.length]).toEqual([null, null, 1])
  })

  test('cannot be spoken to without a key; with nobody to speak to, none is needed', () => {
    const keyless = { active: undefined, find: () => undefined }
    expect(opened([], keyless).peers).toEqual([])
    expect(() => opened(['http://127.0.0.1:1'], keyless)).toThrow(
      'keys: there is no peer key, without which several servers cannot speak; `maximo-mcp keys rotate peer` makes one',
    )
  })
})

describe('a call is used up', () => {
  const call = { issuer: 'portal-1', jti: 'A'.repeat(22) }
  const use = { isRepeatable: false }

  test('once for each caller and call, for two minutes', async () => {
    const [time, ms] = [manualClock(), 120_000]
    const store = new MemoryStore(time)
    const used = (over: object = {}) => useCall({ ...call, ...over }, { ...use, store })
    expect([await used(), await used()]).toEqual([true, false])
    expect([await used({ issuer: 'portal-2' }), await used({ jti: 'B'.repeat(22) })]).toEqual([true, true])
    expect(await store.putOnce(`call:portal-1:${call.jti}`, 'x', 1)).toBe(false)
    time.advance(ms - 1)
    expect(await used()).toBe(false)
    time.advance(1)
    expect(await used()).toBe(true)
  })

  test('a silent store holds up what may not be done twice, and nothing else', async () => {
    const failing = (error: Error) => ({ putOnce: () => Promise.reject(error) })
    const silentStore = failing(new StoreUnavailable('redis is silent'))
    expect(await useCall(call, { isRepeatable: true, store: silentStore })).toBe(true)
    await expect(useCall(call, { isRepeatable: false, store: silentStore })).rejects.toThrow(StoreUnavailable)
    const broken = failing(new TypeError('a bug'))
    await expect(useCall(call, { isRepeatable: true, store: broken })).rejects.toThrow('a bug')
  })
})
