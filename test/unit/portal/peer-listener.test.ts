import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { FastifyInstance } from 'fastify'
import { journalFetch } from '../../../src/crypto/internal-api.ts'
import { signCall } from '../../../src/crypto/internal-call.ts'
import type { PortalKeys } from '../../../src/crypto/keys/key-ring.ts'
import { ANSWER_HEADER, isAnswerOf, signAnswer } from '../../../src/crypto/peer-answer.ts'
import { openPeers } from '../../../src/crypto/peers.ts'
import { systemClock } from '../../../src/kernel/clock.ts'
import type { CopyAnswer } from '../../../src/kernel/peers/copying.ts'
import { MemoryStore } from '../../../src/kernel/store/memory-store.ts'
import { buildPeerListener } from '../../../src/portal/peers/listener.ts'
import { auditKit } from '../../support/audit.ts'
import { openWorkshop } from '../../support/crypto/token-workshop.ts'
import { scratchFolder } from '../../support/folder.ts'
import { captureLog } from '../../support/log.ts'
import { faultyDisk } from '../../support/store/disk.ts'

const toEnd: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of toEnd.splice(0).reverse()) await end()
})

test('what cannot be recorded is not answered: 503 without a word of the disk, to whoever asks', async () => {
  const shop = await openWorkshop()
  toEnd.push(() => shop.close())
  const disk = faultyDisk()
  const audit = await (await auditKit()).open('portal', await scratchFolder(), { disk })
  toEnd.push(() => audit.close())
  const { clock } = shop
  const app: FastifyInstance = await buildPeerListener({
    ...{ instanceId: 'portal-1', keys: shop.portal, store: new MemoryStore(clock), audit, clock },
    ...{ log: captureLog().log, tls: undefined },
    recorder: {
      accept: () => Promise.resolve(null),
      read: () => Promise.resolve({ state: 'lines', lines: [], more: false }),
    },
  })
  toEnd.push(() => app.close())
  const signer = shop.portal.peer.active
  if (signer === undefined) throw new Error('the portal has no peer key')
  const body = { writer: 'portal-2', after: { n: 0, hash: 'portal-2' } }
  const ask = async (payload?: string) =>
    app.inject({
      ...{ method: 'POST', url: journalFetch.path, headers: { 'content-type': 'application/jose' } },
      payload:
        payload ??
        (await signCall({
          path: journalFetch.path,
          audience: 'portal-1',
          issuer: 'portal-2',
          body,
          signer,
          clock,
        })),
    })
  expect((await ask()).statusCode).toBe(200)
  expect((await ask('not.a.call')).statusCode).toBe(401)
  disk.failWith('ENOSPC')
  for (const answer of [await ask(), await ask('not.a.call')]) {
    expect([answer.statusCode, answer.headers['retry-after'], answer.body]).toEqual([
      503,
      '1',
      '{"error":"disk"}',
    ])
  }
  disk.failWith(null)
})

describe('whoever stands between two portals', () => {
  const genesis = { n: 0, hash: 'portal-2' }
  /** What passes through them: the text of an answer, and its signature. */
  type Passing = readonly [text: string, signature: string]
  let bend: (passing: Passing, before: Passing | null) => Passing
  let copy: () => Promise<CopyAnswer | null>
  let keys: PortalKeys
  let shop: Awaited<ReturnType<typeof openWorkshop>>
  beforeAll(async () => {
    shop = await openWorkshop()
  })
  afterAll(() => shop.close())

  beforeEach(async () => {
    keys = shop.portal
    const audit = await (await auditKit()).open('portal', await scratchFolder())
    toEnd.push(() => audit.close())
    const { clock } = shop
    const parts = { store: new MemoryStore(clock), audit, clock, log: captureLog().log, tls: undefined }
    const app = await buildPeerListener({
      ...{ instanceId: 'portal-1', keys: shop.portal, ...parts },
      recorder: {
        accept: () => Promise.resolve({ state: 'elsewhere', tip: genesis }),
        read: () => Promise.resolve(null),
      },
    })
    toEnd.push(() => app.close())
    const real = await app.listen({ port: 0, host: '127.0.0.1' })
    const between = await standBetween(real)
    const { peers, close } = openPeers({
      ...{ servers: [{ id: 'portal-1', url: between }], caFile: undefined, instanceId: 'portal-2' },
      ...{ keys: () => keys.peer, clock, log: captureLog().log },
    })
    toEnd.push(close)
    copy = () => peers[0]?.copy({ writer: 'portal-2', after: genesis, lines: [] }) ?? Promise.resolve(null)
  })

  async function standBetween(real: string): Promise<string> {
    let before: Passing | null = null
    const server = createServer((request, reply) => {
      void (async () => {
        const body = await text(request)
        const headers = { 'content-type': 'application/jose' }
        const answer = await fetch(`${real}${request.url ?? ''}`, { method: 'POST', headers, body })
        const passing: Passing = [await answer.text(), answer.headers.get(ANSWER_HEADER) ?? '']
        const [bent, signature] = bend(passing, before)
        before = passing
        reply.writeHead(answer.status, { [ANSWER_HEADER]: signature }).end(bent)
      })()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    toEnd.push(() => new Promise((closed) => server.close(closed)))
    const { port } = server.address() as AddressInfo
    return `http://127.0.0.1:${port}`
  }

  const told = { state: 'elsewhere', tip: genesis }

  test('may pass an answer on', async () => {
    bend = (passing) => passing
    expect(await copy()).toEqual(told)
  })

  test.each<[string, typeof bend]>([
    ['says something else', ([answer, signature]) => [answer.replace('elsewhere', 'kept'), signature]],
    ['leaves out who says it', ([answer]) => [answer, '']],
    ['gives the answer to another call', (passing, before) => before ?? passing],
  ])('is not believed where it %s', async (_what, bent) => {
    bend = (passing) => passing
    expect(await copy()).toEqual(told)
    bend = bent
    expect(await copy()).toBeNull()
    bend = (passing) => passing
    expect(await copy()).toEqual(told)
  })

  test('an answer counts by a peer key alone, and as said by the server that was asked', async () => {
    bend = (passing) => passing
    const own = keys
    keys = { ...own, peer: { active: own.peer.active, find: () => undefined } }
    expect(await copy()).toBeNull()
    keys = own
    expect(await copy()).toEqual(told)
    const call = { issuer: 'portal-2', audience: 'portal-1', jti: 'A'.repeat(22) }
    const signing = { path: journalFetch.path, text: '{}', clock: systemClock }
    const jws = (await signAnswer(call, { ...signing, issuer: 'portal-1', keys: own.peer })) ?? ''
    const isIt = (over: object): Promise<boolean> =>
      isAnswerOf({ ...call, ...over }, { ...signing, jws, keys: own.peer })
    expect(await Promise.all([{}, { audience: 'portal-3' }, { issuer: 'portal-3' }].map(isIt))).toEqual([
      true,
      false,
      false,
    ])
    const keyless = { active: undefined, find: () => undefined }
    expect(await signAnswer(call, { ...signing, issuer: 'portal-1', keys: keyless })).toBeNull()
  })
})
