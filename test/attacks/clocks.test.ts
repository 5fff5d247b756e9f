import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { grantAttest, grantStatus } from '../../src/crypto/internal-api.ts'
import { randomId } from '../../src/kernel/random.ts'
import { StoreUnavailable } from '../../src/kernel/store/contract.ts'
import { ALICE, type Grant, McpWorld } from '../support/mcp/mcp-world.ts'

let world: McpWorld
let grant: Grant
beforeAll(async () => {
  world = await McpWorld.start()
  grant = await world.attest(ALICE)
})
afterAll(() => world.close())

const nowS = (): number => Math.floor(world.clock.nowMs() / 1000)
const status = async (token: string): Promise<number> => (await world.rpc(token)).status

describe('T-64: clocks that differ', () => {
  test.each([
    [29, 200],
    [30, 200],
    [31, 401],
  ])('the portal’s is %i s ahead of the MCP server’s: %i', async (aheadS, expected) => {
    const iat = nowS() + aheadS
    expect(await status(await world.token(grant, { iat, exp: iat + 600 }))).toBe(expected)
  })

  test.each([
    [29, 200],
    [30, 200],
    [31, 401],
  ])('the portal’s is %i s behind the attestation of the grant: %i', async (behindS, expected) => {
    const iat = Math.floor(grant.at / 1000) - behindS
    expect(await status(await world.token(grant, { iat, exp: nowS() + 600 }))).toBe(expected)
  })

  test.each([
    [1, 200],
    [0, 401],
    [-29, 401],
  ])('a token that expires in %i s gets no grace: %i', async (leftS, expected) => {
    expect(await status(await world.token(grant, { iat: nowS() - 60 + 31, exp: nowS() + leftS }))).toBe(
      expected,
    )
  })

  test('a token that was let in is refused from the second on in which it expires', async () => {
    const token = await world.token(grant, { exp: nowS() + 10 })
    expect(await status(token)).toBe(200)
    world.clock.advance(9_999)
    expect(await status(token)).toBe(200)
    world.clock.advance(1)
    expect(await status(token)).toBe(401)
  })

  test.each([
    [5, 200],
    [6, 422],
  ])('Clerk’s is %i s ahead: %i', async (aheadS, expected) => {
    const iat = nowS() + aheadS
    const clerkToken = world.clerkToken(ALICE, { iat, nbf: iat, exp: iat + 60 })
    const ask = await world.grantAsk(ALICE, { clerkToken })
    expect((await world.call(grantAttest.path, ask)).status).toBe(expected)
  })

  test('the wall clock steps back an hour: what was ended stays ended, and what is new is attested past it', async () => {
    const ended = await world.attest(ALICE)
    await world.revoke({ kind: 'user', sub: ALICE.sub })
    world.clock.setWall(world.clock.nowMs() - 3_600_000)
    const next = await world.attest(ALICE)
    expect(next.at).toBeGreaterThan(ended.at)
    const states = await Promise.all(
      [ended, next].map(async ({ gid }) => (await world.call(grantStatus.path, { gid })).json['state']),
    )
    world.clock.setWall(world.clock.nowMs() + 3_600_000)
    expect(states).toEqual(['ended', 'live'])
  })
})

describe('T-65: one silent answer of the store at the door, whichever it is', () => {
  /** The `n`th key that the store is asked for is not answered. */
  function failAt(n: number): () => void {
    const { store } = world
    const peek = store.peek.bind(store)
    let asked = 0
    store.peek = (key) => {
      asked += 1
      if (asked === n) throw new StoreUnavailable('switched off by the test')
      return peek(key)
    }
    return () => {
      store.peek = peek
    }
  }
  const throughEach = async (token: string): Promise<Set<number>> => {
    const seen = new Set<number>()
    for (let call = 1; call <= 20; call += 1) {
      const restore = failAt(call)
      seen.add(await status(token))
      restore()
    }
    return seen
  }

  test('never lets an ended token in', async () => {
    const person = { sub: 'user_fault', sid: 'sess_fault' }
    const own = await world.attest(person)
    const jti = randomId()
    const token = await world.token(own, { jti })
    await world.revoke({ kind: 'window', fromMs: own.at, toMs: own.at })
    expect([...(await throughEach(token))].sort()).toEqual([401, 503])
  })

  test('never calls a good token bad', async () => {
    const person = { sub: 'user_fault_2', sid: 'sess_fault' }
    const token = await world.token(await world.attest(person))
    expect([...(await throughEach(token))].sort()).toEqual([200, 503])
  })
})
