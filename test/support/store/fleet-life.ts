import fc from 'fast-check'
import { expect } from 'vitest'
import { askPortal } from '../portal-world.ts'
import {
  callMcp,
  connectClient,
  obtainCode,
  type Obtained,
  redeem,
  refresh,
  registerClient,
  type TestClient,
  tokensOf,
} from '../oauth/oauth-client.ts'
import type { Fleet, Which } from './fleet.ts'
import type { SentinelSet } from './sentinels.ts'

/** A failover that loses writes: what was written last had not reached the replica. */
type Loss = 'flush' | 'roll back' | 'fail over'

/** What happens to the fleet or to its Redis. */
type Step =
  | { readonly do: 'restart'; readonly what: 'portal' | 'mcp'; readonly who: Which }
  | { readonly do: Loss }
  | {
      readonly do: 'revoke' | 'revoke at portal' | 'refresh' | 'replay' | 'redeem again'
      readonly who: Which
    }

const who = fc.constantFrom<Which>(0, 1)
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('restart' as const),
    what: fc.constantFrom('portal' as const, 'mcp' as const),
    who,
  }),
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom<Loss>('flush', 'roll back', 'fail over') }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('revoke' as const, 'revoke at portal' as const), who }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('refresh' as const, 'replay' as const, 'redeem again' as const),
      who,
    }),
  },
)

export const lives = fc.array(step, { minLength: 6, maxLength: 8 })

interface Connected {
  readonly client: TestClient
  readonly access_token: string
  readonly refresh_token: string
}

/** What was promised, over all lives of a fleet. */
export class Promised {
  /** Access tokens whose revocation was answered `enforced`. */
  readonly enforced: string[] = []
  /** Refresh tokens that have a grandchild. */
  readonly used: { readonly client: TestClient; readonly token: string }[] = []
  readonly redeemed: { readonly client: TestClient; readonly code: Obtained }[] = []
  /** From when there is a Redis again until a good token is taken at both MCP servers, in milliseconds. */
  readonly backMs: number[] = []
  readonly losses: Record<Loss, number> = { flush: 0, 'roll back': 0, 'fail over': 0 }
}

/** One life: a good connection that must come back, some that are ended, and what happens. */
export class FleetLife {
  readonly #fleet: Fleet
  readonly #set: SentinelSet
  readonly #promised: Promised
  readonly #doomed: Connected[] = []
  #good: Connected

  private constructor(fleet: Fleet, set: SentinelSet, begun: { good: Connected; promised: Promised }) {
    this.#fleet = fleet
    this.#set = set
    this.#good = begun.good
    this.#promised = begun.promised
  }

  static async begin(fleet: Fleet, set: SentinelSet, promised: Promised): Promise<FleetLife> {
    const [first, second] = fleet.portals
    const life = new FleetLife(fleet, set, { good: await connectClient(first), promised })
    for (let made = 0; made < 4; made += 1) life.#doomed.push(await connectClient(first))
    await life.#refreshTwice()
    const client = await registerClient(first)
    const code = await obtainCode(first, client)
    tokensOf(await redeem(second, client, code))
    promised.redeemed.push({ client, code })
    await life.#revokeForSure()
    // What a roll back goes back to.
    await (await set.master()).cli('SAVE')
    return life
  }

  async take(taken: Step): Promise<void> {
    switch (taken.do) {
      case 'restart':
        await this.#fleet.stop(taken.what, taken.who)
        await (taken.what === 'mcp' ? this.#fleet.startMcp(taken.who) : this.#fleet.startPortal(taken.who))
        return
      case 'flush':
      case 'roll back':
      case 'fail over':
        return this.#lose(taken.do)
      case 'revoke':
      case 'revoke at portal':
        return this.#revoke(taken.do, taken.who)
      case 'refresh':
        return this.#refreshTwice()
      case 'replay':
      case 'redeem again':
        return this.#again(taken.do, taken.who)
    }
  }

  /** Nobody lets in what was promised to be refused, not even while what was lost is being replayed. */
  async holds(): Promise<void> {
    for (const token of this.#promised.enforced.slice(-12))
      for (const world of this.#fleet.servers) expect(await statusAt(world, token)).not.toBe(200)
  }

  /** The good connection is accepted again by itself; what was ended is refused, and said to be. */
  async recovers(): Promise<void> {
    await this.#isBack(performance.now())
    for (const token of this.#promised.enforced)
      for (const world of this.#fleet.servers) await expect.poll(() => statusAt(world, token), SOON).toBe(401)
    await this.#refreshTwice()
  }

  /** Whatever was used up in any life is refused at either portal, and said to be. Ends what is shown again too late. */
  async usedStaysUsed(): Promise<void> {
    for (const world of this.#fleet.portals) {
      for (const { client, token } of this.#promised.used)
        await expect.poll(async () => (await refresh(world, client, token)).status, SOON).toBe(400)
      for (const { client, code } of this.#promised.redeemed)
        await expect.poll(async () => (await redeem(world, client, code)).status, SOON).toBe(400)
    }
  }

  async #lose(how: Loss): Promise<void> {
    this.#promised.losses[how] += 1
    const master = await this.#set.master()
    if (how === 'flush') await master.cli('FLUSHALL')
    if (how === 'roll back') {
      await master.stop()
      await master.start()
    }
    if (how === 'fail over') {
      await this.#set.cutReplication()
      await this.#revoke('revoke', 0)
      await this.#refreshTwice()
      await this.#set.failOver('killed')
    }
    const lostMs = performance.now()
    await this.holds()
    await this.#isBack(lostMs)
    if (how !== 'flush') await this.#set.rejoin()
    await (await this.#set.master()).cli('SAVE')
  }

  async #isBack(sinceMs: number): Promise<void> {
    const seen = new Set<number>()
    for (const world of this.#fleet.servers) {
      const look = async (): Promise<number> => {
        const status = await statusAt(world, this.#good.access_token)
        seen.add(status)
        return status
      }
      await expect.poll(look, SOON).toBe(200)
    }
    // An outage never makes a good one invalid.
    expect([...seen].filter((status) => status !== 503)).toEqual([200])
    this.#promised.backMs.push(performance.now() - sinceMs)
  }

  /** What was begun a moment ago may not have been everywhere yet. */
  async #revokeForSure(): Promise<void> {
    const { client, access_token } = await connectClient(this.#fleet.portals[0])
    const ask = (): Promise<unknown> => this.#fleet.revoke(1, { kind: 'client', cid: client.id })
    await expect.poll(ask, SOON).toBe('enforced')
    this.#promised.enforced.push(access_token)
  }

  async #revoke(how: 'revoke' | 'revoke at portal', at: Which): Promise<void> {
    const one = this.#doomed.pop()
    if (one === undefined) return
    const { client, access_token, refresh_token } = one
    if (how === 'revoke') {
      const state = await this.#fleet.revoke(at, { kind: 'client', cid: client.id })
      if (state === 'enforced') this.#promised.enforced.push(access_token)
      return
    }
    const form = { token: refresh_token, client_id: client.id }
    const { status } = await askPortal(this.#fleet.portals[at], '/oauth/revoke', { form })
    // 200 says that it holds; that it is enforced already is not said.
    if (status === 200) this.#promised.used.push({ client, token: refresh_token })
  }

  /** At either portal, patiently: an answer of 503 says to come again, and the same token leads to the same successor. */
  async #refreshTwice(): Promise<void> {
    const { client } = this.#good
    const oldest = this.#good.refresh_token
    const seen = new Set<number>()
    for (const world of this.#fleet.portals) {
      const next = async (): Promise<number> => {
        const answer = await refresh(world, client, this.#good.refresh_token)
        seen.add(answer.status)
        if (answer.status === 200) this.#good = { ...tokensOf(answer), client }
        return answer.status
      }
      await expect.poll(next, SOON).toBe(200)
    }
    expect([...seen].filter((status) => status !== 503)).toEqual([200])
    this.#promised.used.push({ client, token: oldest })
  }

  async #again(what: 'replay' | 'redeem again', at: Which): Promise<void> {
    const world = this.#fleet.portals[at]
    const [used, redeemed] = [this.#promised.used.at(-1), this.#promised.redeemed.at(-1)]
    if (what === 'replay' && used !== undefined)
      expect((await refresh(world, used.client, used.token)).status).not.toBe(200)
    if (what === 'redeem again' && redeemed !== undefined)
      expect((await redeem(world, redeemed.client, redeemed.code)).status).not.toBe(200)
  }
}

const statusAt = (world: Fleet['servers'][0], token: string): Promise<number> => callMcp(world, token)

const SOON = { interval: 50, timeout: 30_000 }
