import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { keyedHash } from '../../../src/crypto/digest.ts'
import { deriveKey, openWith } from '../../../src/crypto/sealed.ts'
import { randomId } from '../../../src/kernel/random.ts'
import { StoreUnavailable } from '../../../src/kernel/store/contract.ts'
import type { PortalEntryData } from '../../../src/portal/records/entries.ts'
import {
  isRefreshToken,
  newRefreshToken,
  openReceiptWith,
  openSuccessorWith,
  refreshHashes,
  sealReceiptFor,
  sealSuccessorFor,
} from '../../../src/portal/token/refresh-token.ts'
import { type RefreshAsked, rotateRefresh } from '../../../src/portal/token/rotate-refresh.ts'
import { type Decisions, openDecisions } from '../../support/oauth/token-decisions.ts'
import { aReceipt, AUDIENCE, open, sealed } from '../../support/crypto/token-workshop.ts'

let world: Decisions
beforeAll(async () => {
  world = await openDecisions()
})
afterEach(() => {
  world.store.restore()
  world.mcpSays = 'live'
  world.mcpWaits = async () => Promise.resolve()
  world.ownersGood = true
  world.ends.length = 0
})
afterAll(async () => world.close())

const nowS = () => Math.floor(world.deps.clock.nowMs() / 1000)
const hashOf = (token: string) => refreshHashes(token, world.shop.portal)[0]

/** A refresh token as a code exchange leaves it. */
async function held(bend: Partial<PortalEntryData<'refresh.issued'>> = {}) {
  const token = newRefreshToken()
  const gid = randomId()
  const receipt = await sealed(aReceipt({ gid, scp: 'maximo:read maximo:write' }), world.shop)
  const entry = {
    ...{ gid, cid: world.client.cid, hash: hashOf(token), scp: 'maximo:read maximo:write offline_access' },
    ...{ receipt: await sealReceiptFor(receipt, token), expS: nowS() + 1_000, maxS: nowS() + 5_000 },
    ...bend,
  }
  await world.deps.records.record('refresh.issued', entry)
  return { ...entry, token, receipt }
}

const rotate = async (refreshToken: string, bend: Partial<RefreshAsked> = {}) =>
  rotateRefresh({ refreshToken, scope: undefined, resource: undefined, ...bend }, world.client, world.deps)
const reason = async (...asked: Parameters<typeof rotate>) => {
  const answer = await rotate(...asked)
  return answer.ok ? 'issued' : answer.error
}
async function issued(...asked: Parameters<typeof rotate>) {
  const answer = await rotate(...asked)
  if (!answer.ok) throw new Error(answer.error)
  return { ...answer.value, refreshToken: answer.value.refreshToken ?? '' }
}

describe('a refresh', () => {
  test('gives an access token of the same grant and a successor that holds the receipt', async () => {
    const first = await held()
    const answer = await issued(first.token)
    expect(answer).toMatchObject({
      ...{ scope: first.scp, gid: first.gid, use: first.hash, expiresInS: 3_600 },
      refreshToken: expect.stringMatching(/^mxr_[A-Za-z0-9_-]{43}$/),
    })
    expect(answer.refreshToken).not.toBe(first.token)
    expect(await open(answer.accessToken, world.shop)).toMatchObject({
      ok: true,
      value: { claims: { gid: first.gid, jti: answer.rid, scope: 'maximo:read maximo:write' } },
    })
    const next = await world.deps.records.findRefresh(hashOf(answer.refreshToken))
    expect(next).toMatchObject({
      held: { gid: first.gid, cid: first.cid, scp: first.scp, maxS: first.maxS, expS: first.maxS },
      rotation: null,
    })
    expect(await openReceiptWith(next?.held.receipt ?? '', answer.refreshToken)).toBe(first.receipt)
    expect(world.deps.rotating.size).toBe(0)
    expect(world.asked.at(-1)).toBe(first.gid)
  })

  test('slides the end of the token by thirty days where the grant lasts longer', async () => {
    const { token } = await held({ maxS: nowS() + 100 * 86_400 })
    const { refreshToken } = await issued(token)
    const next = await world.deps.records.findRefresh(hashOf(refreshToken))
    expect(next?.held.expS).toBe(nowS() + 30 * 86_400)
  })

  test('narrows the access token where asked to, and says so', async () => {
    const { token } = await held()
    const answer = await issued(token, { scope: 'maximo:read', resource: AUDIENCE })
    expect(answer.scope).toBe('maximo:read offline_access')
    expect(await open(answer.accessToken, world.shop)).toMatchObject({
      value: { claims: { scope: 'maximo:read' } },
    })
    const next = await world.deps.records.findRefresh(hashOf(answer.refreshToken))
    expect(next?.held.scp).toBe('maximo:read maximo:write offline_access')
  })

  test('says offline_access only where it was granted', async () => {
    const { token } = await held({ scp: 'maximo:read' })
    expect((await issued(token)).scope).toBe('maximo:read')
  })
})

describe('what does not fit is refused by its name, and uses nothing up', () => {
  test.each<[string, Partial<PortalEntryData<'refresh.issued'>>, Partial<RefreshAsked>, string]>([
    ['no token of ours', {}, { refreshToken: 'x' }, 'refresh_unknown'],
    ['one that nobody holds', {}, { refreshToken: newRefreshToken() }, 'refresh_unknown'],
    ['another client’s', { cid: 'mxc_2' }, {}, 'refresh_other_client'],
    ['another resource', {}, { resource: 'https://evil.example/mcp' }, 'resource_unknown'],
    ['a wider scope', {}, { scope: 'maximo:admin' }, 'scope_too_wide'],
  ])('%s', async (_what, entry, bend, expected) => {
    const { token, hash } = await held(entry)
    expect(await reason(token, bend)).toBe(expected)
    expect(await world.deps.records.findRotation(hash)).toBeNull()
    expect(world.ends).toEqual([])
  })

  test('what has not the form of a token of ours is not even looked for', async () => {
    const read = vi.spyOn(world.store, 'getMany')
    expect(await reason('mxr_short')).toBe('refresh_unknown')
    expect(read.mock.calls.flat(2).filter((key) => key.startsWith('refresh:'))).toEqual([])
    vi.restoreAllMocks()
  })

  test('a receipt that no token holds', async () => {
    const token = newRefreshToken()
    await held({ hash: hashOf(token), receipt: await sealReceiptFor('r'.repeat(2_500), token) })
    expect(await reason(token)).toBe('token_too_long')
  })

  test('one that is over, from its last second on', async () => {
    const { token } = await held({ expS: nowS() + 1 })
    expect(await reason(token)).toBe('issued')
    const other = await held({ expS: nowS() + 1 })
    const { store } = world
    const kept = await store.get(`refresh:${other.hash}`)
    world.shop.clock.advance(1_000)
    await store.put(`refresh:${other.hash}`, kept ?? '', 60_000)
    expect(await reason(other.token)).toBe('refresh_expired')
  })

  test('more than sixty of one grant in a minute', async () => {
    const { token } = await held()
    for (let count = 0; count < 60; count += 1) expect(await reason(token)).toBe('issued')
    expect(await reason(token)).toBe('refresh_too_often')
    world.shop.clock.advance(60_001)
    expect(await reason(token)).toBe('refresh_reused')
  })
})

describe('a second use', () => {
  test('within a minute leads to the same successor, parallel ones included', async () => {
    const { token } = await held()
    const before = await world.countEntries('refresh.rotated')
    const many = await Promise.all(Array.from({ length: 5 }, async () => issued(token)))
    world.shop.clock.advance(60_000)
    many.push(await issued(token))
    expect(new Set(many.map(({ refreshToken }) => refreshToken)).size).toBe(1)
    expect(new Set(many.map(({ rid }) => rid)).size).toBe(6)
    expect(world.ends).toEqual([])
    expect(await world.countEntries('refresh.rotated')).toBe(before + 1)
  })

  test('that began before the first had ended finds what that one made', async () => {
    const { token } = await held()
    const before = await world.countEntries('refresh.rotated')
    let isFirst = true
    let first: ReturnType<typeof issued> | undefined
    world.mcpWaits = async () => {
      if (!isFirst) return
      isFirst = false
      first = issued(token)
      await first
    }
    const second = await issued(token)
    expect(second.refreshToken).toBe((await first)?.refreshToken)
    expect(await world.countEntries('refresh.rotated')).toBe(before + 1)
  })

  test('after a minute ends the grant', async () => {
    const { token, gid, maxS } = await held()
    await issued(token)
    world.shop.clock.advance(60_001)
    expect(await reason(token)).toBe('refresh_reused')
    expect(world.ends).toEqual([{ gid, maxS, by: 'portal', reason: 'refresh_reused' }])
    expect(await reason(token)).toBe('grant_ended')
    expect(world.ends).toHaveLength(1)
  })

  test('of a grandparent is refused, and ends nothing', async () => {
    const { token } = await held()
    const { refreshToken } = await issued(token)
    await issued(refreshToken)
    expect(await reason(token)).toBe('refresh_superseded')
    expect(world.ends).toEqual([])
  })

  test('of one that was never answered is the first', async () => {
    const { token, hash } = await held()
    await issued(token)
    world.deps.unanswered.add(hash)
    world.shop.clock.advance(60_001)
    expect(await reason(token)).toBe('issued')
  })
})

describe('who has the last word', () => {
  test('the MCP server: ended, and remembered here; unknown; silent', async () => {
    const { token, gid } = await held()
    world.mcpSays = 'unknown'
    expect(await reason(token)).toBe('grant_unknown')
    world.mcpSays = 'silent'
    expect(await reason(token)).toBe('cannot_decide')
    expect(await world.deps.records.isEnded(gid)).toBe(false)
    world.mcpSays = 'ended'
    expect(await reason(token)).toBe('grant_ended')
    const untold = world.deps.records.connections.untold()
    expect(untold.filter((end) => end.gid === gid)).toEqual([])
    world.mcpSays = 'live'
    expect(await reason(token)).toBe('grant_ended')
  })

  test('nobody, while the owner was not seen', async () => {
    const { token } = await held()
    world.ownersGood = false
    expect(await reason(token)).toBe('cannot_decide')
    world.ownersGood = true
    expect(await reason(token)).toBe('issued')
  })

  test('reuse counts even while the MCP server is silent', async () => {
    const { token } = await held()
    await issued(token)
    world.shop.clock.advance(60_001)
    world.mcpSays = 'silent'
    expect(await reason(token)).toBe('refresh_reused')
  })
})

describe('a store that falls silent', () => {
  test('in the middle of a rotation: no answer, and the retry leads on', async () => {
    const { token, hash } = await held()
    world.store.silence(['project'])
    await expect(rotate(token)).rejects.toThrow(
      new StoreUnavailable('the rotation is journaled, but the store does not have it yet'),
    )
    expect(world.deps.unanswered.has(hash)).toBe(true)
    world.store.restore()
    await world.deps.records.recorder.prime()
    const { refreshToken } = await issued(token)
    expect((await issued(refreshToken)).refreshToken).not.toBe(refreshToken)
  })
})

describe('the token itself', () => {
  test('is recognised by its form alone', () => {
    const token = newRefreshToken()
    expect(isRefreshToken(token)).toBe(true)
    for (const other of [` ${token}`, `${token}x`, token.slice(0, -1), token.replace('mxr_', 'mxs_'), ''])
      expect(isRefreshToken(other)).toBe(false)
    expect(newRefreshToken()).not.toBe(token)
  })

  test('opens what was sealed under it, and nothing else does', async () => {
    const [token, other] = [newRefreshToken(), newRefreshToken()]
    const [receipt, successor] = [await sealReceiptFor('r', token), await sealSuccessorFor('s', token)]
    expect([await openReceiptWith(receipt, token), await openSuccessorWith(successor, token)]).toEqual([
      'r',
      's',
    ])
    await expect(openReceiptWith(receipt, other)).rejects.toThrow('a sealed receipt does not open')
    await expect(openSuccessorWith(successor, other)).rejects.toThrow('a sealed successor does not open')
    await expect(openReceiptWith(successor, token)).rejects.toThrow('does not open')
  })

  test('and its labels are those under which journals were written', async () => {
    const token = newRefreshToken()
    const opened = [
      await openWith(deriveKey(token, 'receipt'), 'mx-held-receipt+jwe', await sealReceiptFor('r', token)),
      await openWith(deriveKey(token, 'successor'), 'mx-successor+jwe', await sealSuccessorFor('s', token)),
    ]
    expect(opened.every(({ ok }) => ok)).toBe(true)
    expect(hashOf(token)).toBe(keyedHash(world.shop.portal.local.active.derive('refresh-token'), token))
  })

  test('is kept by a hash under each local key, the newest first', () => {
    const token = newRefreshToken()
    const { active } = world.shop.portal.local
    const old = { kid: 'pl-oldoldol', derive: (label: string) => Buffer.from(label.padEnd(32, '.')) }
    const keys = { local: { active, all: [active, old] } }
    const hashes = refreshHashes(token, keys)
    expect(hashes).toHaveLength(2)
    expect(hashes[0]).toBe(hashOf(token))
    expect(hashes[1]).not.toBe(hashes[0])
    expect(refreshHashes(newRefreshToken(), keys)[1]).not.toBe(hashes[1])
  })
})
