import { z } from 'zod'
import { sha256Base64url } from '../../crypto/digest.ts'
import type { McpKeys } from '../../crypto/keys/key-ring.ts'
import type { Clock } from '../../kernel/clock.ts'
import { randomId } from '../../kernel/random.ts'
import type { Store } from '../../kernel/store/contract.ts'
import { sealedBox, type SealedBox } from '../sealed-box.ts'
import { digestOf, plan, type Plan } from './plan.ts'

/** A person agreed to exactly this plan on our page, or in their client. */
const agreed = z.strictObject({
  digest: z.string(),
  sub: z.string(),
  by: z.enum(['page', 'elicitation']),
  atMs: z.number(),
})
export type Agreed = z.infer<typeof agreed>

/** What ended the waiting of a plan. The first to write it wins: of commit and discard, and of many commits, one. */
const claim = z.strictObject({
  by: z.enum(['commit', 'discard']),
  /** INSTANCE_ID of the server that took it; another one knows no more of it than this. */
  holder: z.string(),
  atMs: z.number(),
})
export type Claim = z.infer<typeof claim>

export interface PlansDeps {
  readonly store: Store
  readonly keys: () => McpKeys
  readonly clock: Clock
}

/**
 * Plans that wait, in the store: sealed, so that its other writers can neither read one nor make one. They end by
 * themselves. Every method rejects with `StoreUnavailable` when the store is silent.
 */
export class Plans {
  readonly #store: Store
  readonly #clock: Clock
  readonly #plans: SealedBox
  readonly #agreed: SealedBox
  readonly #claims: SealedBox

  constructor({ store, keys, clock }: PlansDeps) {
    this.#store = store
    this.#clock = clock
    this.#plans = sealedBox(keys, 'change-plan')
    this.#agreed = sealedBox(keys, 'change-agreed')
    this.#claims = sealedBox(keys, 'change-claim')
  }

  /**
   * Keeps a plan under a new id. The same plan staged again while the first one waits is the first one.
   *
   * @returns `full`: too many wait already
   */
  async keep(made: Omit<Plan, 'id'>): Promise<Plan | 'full'> {
    const sameKey = `chg:s:${sameness(made)}`
    const earlier = await this.#store.get(sameKey)
    const waiting = earlier === null ? null : await this.find(earlier)
    // Whoever can write to the store could point at another plan, of somebody else.
    const isSame = waiting !== null && sameness(waiting) === sameness(made)
    if (isSame && (await this.findClaim(waiting.id)) === null) return waiting
    const kept: Plan = plan.parse({ ...made, id: randomId() })
    const lifeMs = kept.endsMs - this.#clock.nowMs()
    if (!(await this.#takeSlot(own(kept.sub), kept.id, lifeMs))) return 'full'
    const seen = await Promise.all(kept.approvers.map((sub) => this.#takeSlotWith(sub, kept, lifeMs)))
    // One of them is enough to agree; where none can see it, nobody ever would.
    if (seen.length > 0 && !seen.includes(true)) return 'full'
    await this.#store.put(planKey(kept.id), await this.#plans.seal(kept), lifeMs)
    await this.#store.put(sameKey, kept.id, lifeMs)
    return kept
  }

  /** Null: none of this id, or its time is over. */
  async find(id: string): Promise<Plan | null> {
    const found = await this.#plans.open(await this.#store.get(planKey(id)), plan)
    return found === null || found.id !== id || found.endsMs <= this.#clock.nowMs() ? null : found
  }

  /** Plans that wait for a person: their own, and those that they may agree to as a second. */
  async waitingFor(sub: string): Promise<readonly Plan[]> {
    return [...(await this.#waitingIn(own(sub))), ...(await this.#waitingIn(ofOthers(sub)))]
  }

  async #waitingIn(list: string): Promise<readonly Plan[]> {
    const held = await this.#store.getMany(SLOTS.map((slot) => slotKey(list, slot)))
    const ids = [...new Set(held.filter((id) => id !== null))]
    const plans = await Promise.all(ids.map((id) => this.find(id)))
    const claims = await this.#store.getMany(ids.map(claimKey))
    return plans.filter((found, index): found is Plan => found !== null && claims[index] === null)
  }

  async agree(of: Plan, agreement: Pick<Agreed, 'sub' | 'by'>): Promise<void> {
    const nowMs = this.#clock.nowMs()
    const sealed = await this.#agreed.seal({ ...agreement, digest: digestOf(of), atMs: nowMs })
    await this.#store.put(agreedKey(of.id), sealed, Math.max(1, of.endsMs - nowMs))
  }

  /** Null: nobody did, or it was to another plan than this. */
  async findAgreed(of: Plan): Promise<Agreed | null> {
    const found = await this.#agreed.open(await this.#store.get(agreedKey(of.id)), agreed)
    return found?.digest === digestOf(of) ? found : null
  }

  /** `true`: this caller alone goes on. */
  async claim(of: Plan, by: Claim['by'], holder: string): Promise<boolean> {
    const sealed = await this.#claims.seal({ by, holder, atMs: this.#clock.nowMs() })
    // Longer than the plan could ever be found: a plan without its claim would be free again.
    const leftMs = Math.max(0, of.endsMs - this.#clock.nowMs())
    const isFirst = await this.#store.putOnce(claimKey(of.id), sealed, leftMs + CLAIM_OUTLIVES_MS)
    // Staged and discarded over and over, whole plans would fill the store.
    if (isFirst && by === 'discard')
      await this.#store.put(
        planKey(of.id),
        await this.#plans.seal(of),
        Math.max(1, Math.min(leftMs, DISCARDED_MS)),
      )
    return isFirst
  }

  async findClaim(id: string): Promise<Claim | null> {
    return this.#claims.open(await this.#store.get(claimKey(id)), claim)
  }

  /** A place in a list of what waits for a person, of which there is a fixed number. */
  async #takeSlot(list: string, id: string, lifeMs: number): Promise<boolean> {
    const taken = await this.#store.getMany(SLOTS.map((slot) => slotKey(list, slot)))
    for (const slot of SLOTS)
      if (taken[slot] === null && (await this.#store.putOnce(slotKey(list, slot), id, lifeMs))) return true
    return this.#reuseSlot(list, taken, { id, lifeMs })
  }

  /** A place with somebody else who may agree to it: one person's changes leave room for those of others. */
  async #takeSlotWith(sub: string, { id, sub: owner }: Plan, lifeMs: number): Promise<boolean> {
    const theirs = (await this.#waitingIn(ofOthers(sub))).filter((one) => one.sub === owner)
    return theirs.length < MAX_WITH_ANOTHER && (await this.#takeSlot(ofOthers(sub), id, lifeMs))
  }

  /** A committed or discarded plan still holds its place. Of several that want it, the one that takes it out has it. */
  async #reuseSlot(
    list: string,
    taken: readonly (string | null)[],
    { id, lifeMs }: { readonly id: string; readonly lifeMs: number },
  ): Promise<boolean> {
    const waiting = new Set((await this.#waitingIn(list)).map((one) => one.id))
    for (const [slot, held] of taken.entries()) {
      if (held === null || waiting.has(held)) continue
      const key = slotKey(list, slot)
      const out = await this.#store.take(key)
      if ((out === null || out === held) && (await this.#store.putOnce(key, id, lifeMs))) return true
      // Somebody else has had it meanwhile: it is theirs.
      if (out !== null && out !== held) await this.#store.putOnce(key, out, lifeMs)
    }
    return false
  }
}

/** What makes two plans the same: everything but when they were made. */
const sameness = (made: Omit<Plan, 'id'>): string =>
  sha256Base64url(JSON.stringify(plan.parse({ ...made, id: 'any', madeMs: 0, endsMs: 0 })))

const planKey = (id: string): string => `chg:p:${id}`
const agreedKey = (id: string): string => `chg:a:${id}`
const claimKey = (id: string): string => `chg:c:${id}`
/** What a person staged leaves room for what others want their yes for, and the other way round. */
const own = (sub: string): string => `l:${nameOf(sub)}`
const ofOthers = (sub: string): string => `w:${nameOf(sub)}`
/** A user id may be long. */
const nameOf = (sub: string): string => sha256Base64url(sub).slice(0, 22)
const slotKey = (list: string, slot: number): string => `chg:${list}:${slot}`

const CLAIM_OUTLIVES_MS = 60_000
/** How long it can still be said of a plan that it was discarded. */
const DISCARDED_MS = 60_000
/** How many changes of one person may wait, and how many of others for their yes. */
export const MAX_WAITING = 30
/** How many of one owner may wait for the same second person. */
const MAX_WITH_ANOTHER = 10
const SLOTS = Array.from({ length: MAX_WAITING }, (_, slot) => slot)
