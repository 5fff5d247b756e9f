import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { randomId } from '../../../src/kernel/random.ts'
import { StoreUnavailable } from '../../../src/kernel/store/contract.ts'
import { EPOCH_KEY } from '../../../src/kernel/store/keys.ts'
import { WAITING_RECEIPT_TYP, WAITING_TOKEN_TYP } from '../../../src/portal/authorize/waiting-receipt.ts'
import { OWN_CLIENT_ID } from '../../../src/portal/clients/own-client.ts'
import { storeKeys } from '../../../src/portal/records/keys.ts'
import { exchangeCode, type CodeExchange } from '../../../src/portal/token/exchange-code.ts'
import { openReceiptWith, refreshHashes } from '../../../src/portal/token/refresh-token.ts'
import {
  type Decisions,
  type MadeCode,
  makeCode,
  openDecisions,
  REDIRECT_URI,
  VERIFIER,
} from '../../support/oauth/token-decisions.ts'
import { AUDIENCE, ISSUER, open } from '../../support/crypto/token-workshop.ts'

let world: Decisions
beforeAll(async () => {
  world = await openDecisions()
})
afterEach(() => {
  world.store.restore()
  world.ends.length = 0
})
afterAll(async () => world.close())

const exchange = async ({ code }: MadeCode, bend: Partial<CodeExchange> = {}, client = world.client) =>
  exchangeCode(
    { code, verifier: VERIFIER, redirectUri: REDIRECT_URI, resource: AUDIENCE, ...bend },
    client,
    world.deps,
  )
const reason = async (...asked: Parameters<typeof exchange>) => {
  const answer = await exchange(...asked)
  return answer.ok ? 'issued' : answer.error
}
async function issued(...asked: Parameters<typeof exchange>) {
  const answer = await exchange(...asked)
  if (!answer.ok) throw new Error(answer.error)
  return answer.value
}
const isUsed = async ({ payload }: MadeCode) =>
  (await world.store.get(storeKeys.usedCode(payload.j))) !== null

describe('what a code is exchanged for', () => {
  test('an access token that opens, with the scope of the consent and without offline_access', async () => {
    const made = await makeCode(world)
    const { accessToken, ...rest } = await issued(made)
    expect(rest).toMatchObject({
      ...{ expiresInS: 3600, scope: 'maximo:read offline_access', gid: made.payload.gid },
      use: storeKeys.usedCode(made.payload.j),
    })
    const opened = await open(accessToken, world.shop)
    expect(opened).toMatchObject({
      ok: true,
      value: { claims: { gid: made.payload.gid, iss: ISSUER, jti: rest.rid, scope: 'maximo:read' } },
    })
    expect(await world.deps.records.findToken(rest.rid)).toMatchObject({
      gid: made.payload.gid,
      cid: world.client.cid,
    })
  })

  test('a refresh token, under whose hash the receipt lies sealed for it alone', async () => {
    const made = await makeCode(world)
    const { refreshToken } = await issued(made)
    const [hash] = refreshHashes(refreshToken ?? '', world.shop.portal)
    const found = await world.deps.records.findRefresh(hash)
    const nowS = Math.floor(world.deps.clock.nowMs() / 1000)
    expect(found).toMatchObject({
      held: {
        ...{ gid: made.payload.gid, cid: world.client.cid, scp: made.payload.scp, maxS: made.maxS },
        expS: nowS + 30 * 86_400,
      },
      rotation: null,
    })
    expect(await openReceiptWith(found?.held.receipt ?? '', refreshToken ?? '')).toBe(made.receipt)
  })

  test('a refresh token never outlives the grant', async () => {
    const maxS = Math.floor(world.deps.clock.nowMs() / 1000) + 7_000
    const receipt = (await makeCode(world)).receipt
    const made = await makeCode(world, {}, { typ: WAITING_RECEIPT_TYP, content: { receipt, maxS } })
    const { refreshToken } = await issued(made)
    const found = await world.deps.records.findRefresh(
      refreshHashes(refreshToken ?? '', world.shop.portal)[0],
    )
    expect(found?.held.expS).toBe(maxS)
  })

  test('none for a client that neither asked to stay nor registered for it; one for who registered', async () => {
    const alone = { scp: 'maximo:read' }
    expect((await issued(await makeCode(world, alone))).refreshToken).toBeNull()
    const registered = { ...world.client, grantTypes: ['refresh_token' as const] }
    expect((await issued(await makeCode(world, alone), {}, registered)).refreshToken).toMatch(/^mxr_/)
  })

  test('our own command gets the token that waits, once, and no refresh token', async () => {
    const content = { token: 'mxci_x', rid: randomId(), expS: null, scope: 'maximo:read' }
    const own = { ...world.client, cid: OWN_CLIENT_ID }
    const made = await makeCode(world, { cid: OWN_CLIENT_ID }, { typ: WAITING_TOKEN_TYP, content })
    expect(await issued(made, {}, own)).toEqual({
      ...{ accessToken: 'mxci_x', expiresInS: null, refreshToken: null, scope: 'maximo:read' },
      ...{ gid: made.payload.gid, rid: content.rid, use: storeKeys.usedCode(made.payload.j) },
    })
    const expS = Math.floor(world.deps.clock.nowMs() / 1000) + 500
    const limited = { typ: WAITING_TOKEN_TYP, content: { ...content, expS } }
    expect((await issued(await makeCode(world, { cid: OWN_CLIENT_ID }, limited), {}, own)).expiresInS).toBe(
      500,
    )
    expect(await reason(await makeCode(world, { cid: OWN_CLIENT_ID }, null), {}, own)).toBe('code_forgotten')
  })
})

describe('what does not fit is refused by its name, and uses nothing up', () => {
  test.each<[string, Partial<CodeExchange>, string]>([
    ['no code of ours', { code: 'x' }, 'code_unknown'],
    ['another redirect URI', { redirectUri: `${REDIRECT_URI}/` }, 'redirect_uri_mismatch'],
    ['another verifier', { verifier: 'w'.repeat(43) }, 'verifier_mismatch'],
    ['another resource', { resource: 'https://evil.example/mcp' }, 'resource_unknown'],
  ])('%s', async (_what, bend, expected) => {
    const made = await makeCode(world)
    expect(await reason(made, bend)).toBe(expected)
    expect(await isUsed(made)).toBe(false)
    expect(world.ends).toEqual([])
  })

  test('another client, and a code for another resource than is asked for', async () => {
    expect(await reason(await makeCode(world, { cid: 'mxc_2' }))).toBe('client_mismatch')
    expect(await reason(await makeCode(world, { res: 'http://localhost:8082/mcp' }))).toBe('resource_unknown')
  })

  test('a redirect URI and a resource that are left out fit', async () => {
    expect(await reason(await makeCode(world), { redirectUri: undefined, resource: undefined })).toBe(
      'issued',
    )
  })

  test('a code that is too old says so', async () => {
    const iat = Math.floor(world.deps.clock.nowMs() / 1000) - 300
    expect(await reason(await makeCode(world, { iat, exp: iat + 300 }))).toBe('code_expired')
    expect(await reason(await makeCode(world, { iat, exp: iat + 301 }))).toBe('issued')
  })
})

describe('a second use', () => {
  test('ends what the first issued, until the end of the grant', async () => {
    const made = await makeCode(world)
    const { gid } = made.payload
    const nowS = Math.floor(world.deps.clock.nowMs() / 1000)
    expect((await exchange(made)).ok).toBe(true)
    expect(await reason(made)).toBe('code_used')
    expect(world.ends).toEqual([{ gid, maxS: nowS + 180 * 86_400, by: 'portal', reason: 'code_reused' }])
    expect(await reason(made)).toBe('code_of_ended_grant')
    expect(world.ends).toHaveLength(1)
  })

  test('knows the end of a connection that stands in our own journal', async () => {
    const made = await makeCode(world)
    const { gid, env } = made.payload
    const shown = { clientName: 'A', redirectHost: 'localhost', envLabel: 'demo', scp: 'maximo:read' }
    const maxS = Math.floor(world.deps.clock.nowMs() / 1000) + 9_000
    await world.deps.records.record('connection.made', {
      gid,
      sub: 'user_1',
      cid: 'mxc_1',
      env,
      maxS,
      ...shown,
    })
    expect(await reason(made)).toBe('issued')
    expect(await reason(made)).toBe('code_used')
    expect(world.ends).toMatchObject([{ maxS }])
  })

  test('a use is remembered for longer than a code lives', async () => {
    const made = await makeCode(world)
    await exchange(made)
    world.shop.clock.advance(359_999)
    expect(await isUsed(made)).toBe(true)
    world.shop.clock.advance(2)
    expect(await isUsed(made)).toBe(false)
  })

  test('of a grant that its owner ended since is no reuse, and the first gives nothing either', async () => {
    const made = await makeCode(world)
    const { gid } = made.payload
    await world.deps.records.record('connection.ended', {
      ...{ gid, by: 'owner', reason: 'revoked' },
      maxS: made.maxS,
    })
    expect([await reason(made), await reason(made)]).toEqual(['code_of_ended_grant', 'code_of_ended_grant'])
    expect(world.ends).toEqual([])
  })
})

describe('a store that forgets or falls silent', () => {
  test('a code of another epoch, or whose receipt is gone, is forgotten', async () => {
    expect(await reason(await makeCode(world, { ep: 'another' }))).toBe('code_forgotten')
    expect(await reason(await makeCode(world, {}, null))).toBe('code_forgotten')
  })

  test('what waits under another key is our own fault, not the client’s', async () => {
    const made = await makeCode(world, { k: 'A'.repeat(43) })
    await expect(exchange(made)).rejects.toThrow('does not open: decryption_failed')
  })

  test('without an epoch nothing can be known', async () => {
    const made = await makeCode(world)
    const epoch = await world.store.get(EPOCH_KEY)
    await world.store.remove(EPOCH_KEY)
    await expect(exchange(made)).rejects.toThrow('the store has no epoch yet')
    await world.store.put(EPOCH_KEY, epoch ?? '', 1e9)
    expect(await reason(made)).toBe('issued')
  })

  test('what is held is asked for behind the use: what was forgotten by then, was forgotten before', async () => {
    const made = await makeCode(world)
    const [use, read] = [vi.spyOn(world.store, 'putOnce'), vi.spyOn(world.store, 'getMany')]
    expect(await reason(made)).toBe('issued')
    const readHeld = read.mock.calls.findIndex(([keys]) => keys.includes(EPOCH_KEY))
    const [used = Number.NaN] = use.mock.invocationCallOrder
    expect(read.mock.invocationCallOrder[readHeld]).toBeGreaterThan(used)
    vi.restoreAllMocks()
  })

  test('silent before the use, and behind it: the retry is the first use, and the next a second', async () => {
    const made = await makeCode(world)
    world.store.silence(['putOnce'])
    await expect(exchange(made)).rejects.toThrow(StoreUnavailable)
    world.store.restore()
    expect(await isUsed(made)).toBe(false)
    world.store.silence(['getMany'])
    await expect(exchange(made)).rejects.toThrow(StoreUnavailable)
    world.store.restore()
    expect(await isUsed(made)).toBe(true)
    expect(await reason(made)).toBe('issued')
    expect(await reason(made)).toBe('code_used')
  })

  test('a receipt that no token holds is told as that, and no refresh token is left behind', async () => {
    const receipt = 'r'.repeat(2_500)
    const maxS = Math.floor(world.deps.clock.nowMs() / 1000) + 9_000
    const made = await makeCode(world, {}, { typ: WAITING_RECEIPT_TYP, content: { receipt, maxS } })
    const before = world.store.size
    expect(await reason(made)).toBe('token_too_long')
    expect(world.store.size).toBe(before + 1)
  })
})
