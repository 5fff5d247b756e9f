import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { journalCopy, journalFetch } from '../../src/crypto/internal-api.ts'
import { signCall } from '../../src/crypto/internal-call.ts'
import { keyFolder } from '../../src/crypto/keys/ceremony.ts'
import { loadMcpKeys, loadPortalKeys, type PortalKeys } from '../../src/crypto/keys/key-ring.ts'
import type { Running } from '../../src/kernel/running.ts'
import { startPortal } from '../../src/portal/start.ts'
import { send, type Answer } from '../support/mcp/mcp-world.ts'
import {
  connectClient,
  obtainCode,
  redeem,
  refresh,
  registerClient,
  tokensOf,
} from '../support/oauth/oauth-client.ts'
import { freePort } from '../support/ports.ts'
import { type PortalWorld, startPortalWorld } from '../support/portal-world.ts'

const DEAD = { status: 400, body: { error: 'invalid_grant' } }
const PATIENCE = { interval: 25, timeout: 20_000 }

describe('two portals behind one address, over one store', { timeout: 60_000 }, () => {
  let world: PortalWorld
  /** The same world as it looks through the other portal. */
  let other: PortalWorld
  let keys: PortalKeys
  let start: (which: 1 | 2) => Promise<void>
  const running: (Running | undefined)[] = []
  const stop = async (which: 1 | 2): Promise<void> => {
    await running[which]?.close()
    running[which] = undefined
  }
  const folders: string[] = []
  const ports: number[] = []
  const journal = (which: 1 | 2, writer: string): Promise<string> =>
    readFile(join(folders[which]!, 'portal', 'journal', `${writer}.jsonl`), 'utf8')

  beforeAll(async () => {
    world = await startPortalWorld()
    await world.portal.close()
    const second = await mkdtemp(join(tmpdir(), 'maximo-mcp-portal-2-'))
    await cp(keyFolder(world.dataDir, 'portal'), keyFolder(second, 'portal'), { recursive: true })
    folders.push('', world.dataDir, second)
    ports.push(0, await freePort(), await freePort(), await freePort())
    const urls = [1, 2].map((at) => `portal-${at}=http://127.0.0.1:${ports[at] ?? 0}`).join(',')
    start = async (which) => {
      running[which] = await startPortal(
        {
          ...world.env,
          INSTANCE_ID: `portal-${which}`,
          DATA_DIR: folders[which],
          PORTAL_PORT: which === 1 ? world.env['PORTAL_PORT'] : String(ports[3]),
          PORTAL_INTERNAL_PORT: String(ports[which]),
          PORTAL_INTERNAL_URLS: urls,
        },
        { clock: world.clock, log: world.log.log, store: world.store },
      )
    }
    other = { ...world, portalUrl: `http://localhost:${ports[3] ?? 0}` }
    keys = await loadPortalKeys(keyFolder(world.dataDir, 'portal'))
    await Promise.all([start(1), start(2)])
    await ready()
  }, 60_000)
  afterEach(() => world.clock.reset())
  afterAll(async () => {
    await Promise.all([stop(1), stop(2)])
    await world.close()
    await rm(folders[2]!, { recursive: true, force: true })
  })

  const readiness = async ({ portalUrl }: PortalWorld): Promise<number> =>
    (await send(`${portalUrl}/readyz`, { method: 'GET' })).status
  const ready = async (...portals: PortalWorld[]): Promise<void> => {
    for (const one of portals.length > 0 ? portals : [world, other])
      await vi.waitFor(async () => expect(await readiness(one)).toBe(200), PATIENCE)
  }

  test('a connection made at one is refreshed at the other; what was used at either is used at both', async () => {
    const { client, refresh_token: used } = await connectClient(world)
    const next = tokensOf(await refresh(other, client, used))
    const again = tokensOf(await refresh(world, client, used))
    expect(again.refresh_token).toBe(next.refresh_token)
    world.clock.advance(61_000)
    expect(await refresh(world, client, used)).toMatchObject(DEAD)
    // Reuse ended the family, wherever it is shown.
    expect(await refresh(other, client, next.refresh_token)).toMatchObject(DEAD)
    for (const writer of ['portal-1', 'portal-2'])
      await expect
        .poll(async () => (await journal(1, writer)) === (await journal(2, writer)), PATIENCE)
        .toBe(true)
  })

  test('a code is redeemed once, whichever portal is asked', async () => {
    const client = await registerClient(world)
    const obtained = await obtainCode(world, client)
    const answers = await Promise.all(
      [world, other, world, other].map((portal) => redeem(portal, client, obtained)),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  })

  test('one is gone and the store is emptied: the other says the same as before, by itself', async () => {
    const [kept, ended] = [await connectClient(world), await connectClient(world)]
    const next = tokensOf(await refresh(world, ended.client, ended.refresh_token))
    await stop(1)
    world.store.flush()
    world.clock.advance(61_000)
    const seen: number[] = []
    const good = async (): Promise<number | undefined> => {
      seen.push((await refresh(other, kept.client, kept.refresh_token)).status)
      return seen.at(-1)
    }
    await expect.poll(good, PATIENCE).toBe(200)
    // Until then nobody is told that a good one is none.
    expect(seen.slice(0, -1).every((status) => status === 503)).toBe(true)
    expect(await refresh(other, ended.client, ended.refresh_token)).toMatchObject(DEAD)
    expect(await refresh(other, ended.client, next.refresh_token)).toMatchObject(DEAD)
    await start(1)
    await ready()
    expect(await refresh(world, ended.client, next.refresh_token)).toMatchObject(DEAD)
  })

  test('one that was never up keeps the other from deciding anything over an emptied store', async () => {
    await stop(2)
    await rm(join(folders[1]!, 'portal', 'journal', 'portal-2.jsonl'))
    await stop(1)
    world.store.flush()
    await start(1)
    expect(await readiness(world)).toBe(503)
    expect(await refresh(world, { id: 'x' }, `mxr_${'a'.repeat(43)}`)).toMatchObject({
      status: 503,
    })
    await start(2)
    await ready()
  })

  test('its listener takes copies from portals alone, each of its own journal', async () => {
    const signed = (
      path: string,
      body: unknown,
      { signer = keys.peer.active!, issuer = 'portal-1' }: { signer?: SignerKey; issuer?: string } = {},
    ): Promise<string> => signCall({ path, audience: 'portal-2', issuer, body, signer, clock: world.clock })
    const post = (path: string, body: string): Promise<Answer> => {
      const headers = { 'content-type': 'application/jose' }
      return send(`http://127.0.0.1:${ports[2] ?? 0}${path}`, { method: 'POST', headers, body })
    }
    const call = async (path: string, ...asked: [unknown, by?: Parameters<typeof signed>[2]]) =>
      post(path, await signed(path, ...asked))
    const mcp = await loadMcpKeys(keyFolder(world.dataDir, 'mcp'))
    const after = { n: 0, hash: 'portal-1' }
    for (const [path, ask] of [
      [journalCopy.path, { writer: 'portal-1', after, lines: [] }],
      [journalFetch.path, { writer: 'portal-1', after }],
    ] as const) {
      const once = await signed(path, ask)
      expect((await post(path, once)).status).toBe(200)
      expect(await post(path, once)).toMatchObject({ status: 409, json: { error: 'call' } })
      for (const signer of [mcp.peer.active!, keys.internalSigning.active])
        expect(await call(path, ask, { signer })).toMatchObject({
          status: 401,
          json: { error: 'kid_unknown' },
        })
      expect((await call(path, ask, { issuer: 'portal-2' })).json).toEqual({ error: 'not_its_writer' })
      expect((await call(path, { ...ask, writer: 'x' }, { issuer: 'x' })).json).toEqual({
        error: 'writer_unknown',
      })
      expect(await call(path, {})).toMatchObject({ status: 422, json: { error: 'malformed' } })
    }
    const audited = await readFile(join(folders[2]!, 'portal', 'audit', 'portal-2.jsonl'), 'utf8')
    expect(audited.split('"reason":"not_its_writer"').length - 1).toBe(2)
    // Whoever has a journal given stands in the log; copies come and go all the time.
    const given = audited.split('\n').filter((line) => line.includes('"responseCode":200'))
    expect(given.some((line) => line.includes(`"operation":"${journalFetch.path}"`))).toBe(true)
    expect(given.some((line) => line.includes(`"operation":"${journalCopy.path}"`))).toBe(false)
    expect(await send(`http://127.0.0.1:${ports[2] ?? 0}/oauth/token`, { method: 'POST' })).toMatchObject({
      status: 404,
    })
  })
})

type SignerKey = Parameters<typeof signCall>[0]['signer']
