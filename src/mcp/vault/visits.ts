import { z } from 'zod'
import { keyedHash, safeEqual, sha256Base64url } from '../../crypto/digest.ts'
import type { McpKeys } from '../../crypto/keys/key-ring.ts'
import type { Clock } from '../../kernel/clock.ts'
import { randomSecret } from '../../kernel/random.ts'
import type { Store } from '../../kernel/store/contract.ts'
import { sealedBox, type SealedBox } from '../sealed-box.ts'
import { vaultOutcome, vaultSession, type VaultOutcome, type VaultSession } from './session.ts'

/** A visit in progress: its content and the secret in its cookie. */
export interface Visit {
  readonly secret: string
  readonly session: VaultSession
}

const heldOutcome = z.strictObject({ sub: z.string(), sid: z.string(), outcome: vaultOutcome })

export interface VisitsOptions {
  readonly store: Store
  readonly keys: () => McpKeys
  readonly clock: Clock
}

/**
 * The vault's visits in the store: opened by the portal with a handle, begun by a browser that posts it, ended by time.
 * Handles and cookies are stored as digests, everything else sealed. Every method rejects with `StoreUnavailable` when
 * the store is silent.
 */
export class Visits {
  readonly #store: Store
  readonly #keys: () => McpKeys
  readonly #clock: Clock
  readonly #handles: SealedBox
  readonly #sessions: SealedBox
  readonly #outcomes: SealedBox

  constructor({ store, keys, clock }: VisitsOptions) {
    this.#store = store
    this.#keys = keys
    this.#clock = clock
    this.#handles = sealedBox(keys, 'vault-handle')
    this.#sessions = sealedBox(keys, 'vault-session')
    this.#outcomes = sealedBox(keys, 'vault-outcome')
  }

  /** For the portal: `handle` begins the visit once within 60 s; `take` fetches its outcome within 15 min. */
  async announce(
    asked: Omit<VaultSession, 'take' | 'endsMs' | 'isDone'>,
  ): Promise<{ readonly handle: string; readonly take: string }> {
    const [handle, take] = [randomSecret(), randomSecret()]
    const session: VaultSession = {
      ...asked,
      take: sha256Base64url(take),
      isDone: false,
      endsMs: this.#clock.nowMs() + VISIT_MS,
    }
    await this.settle(session, { state: 'pending' })
    await this.#store.put(handleKey(handle), await this.#handles.seal(session), HANDLE_MS)
    return { handle, take }
  }

  /** Exchanges a handle for a visit. Null: used, expired or never made. */
  async begin(handle: string): Promise<Visit | null> {
    const sealed = await this.#store.take(handleKey(handle))
    const announced = await this.#handles.open(sealed, vaultSession)
    if (announced === null) return null
    const visit = {
      secret: randomSecret(),
      session: { ...announced, endsMs: this.#clock.nowMs() + VISIT_MS },
    }
    await this.keep(visit)
    return visit
  }

  async find(secret: string): Promise<Visit | null> {
    const session = await this.#sessions.open(await this.#store.get(sessionKey(secret)), vaultSession)
    if (session === null || session.endsMs <= this.#clock.nowMs()) return null
    return { secret, session }
  }

  /** Keeps a changed visit; its end does not move. */
  async keep({ secret, session }: Visit): Promise<void> {
    const leftMs = Math.max(1, session.endsMs - this.#clock.nowMs())
    await this.#store.put(sessionKey(secret), await this.#sessions.seal(session), leftMs)
  }

  /** Makes an outcome takeable by the portal, for the owner of the visit alone. */
  async settle({ sub, sid, take }: VaultSession, outcome: VaultOutcome): Promise<void> {
    await this.#store.put(takeKey(take), await this.#outcomes.seal({ sub, sid, outcome }), TAKE_MS)
  }

  /** A pending outcome stays; any other is given once. Null: nothing there for this user and session. */
  async takeOutcome(take: string, owner: { sub: string; sid: string }): Promise<VaultOutcome | null> {
    const key = takeKey(sha256Base64url(take))
    const seen = await this.#outcomes.open(await this.#store.get(key), heldOutcome)
    if (seen?.sub !== owner.sub || seen.sid !== owner.sid) return null
    if (seen.outcome.state === 'pending') return seen.outcome
    const taken = await this.#outcomes.open(await this.#store.take(key), heldOutcome)
    return taken?.outcome ?? null
  }

  /** The hidden field that a page of this visit puts into its form: another page, or another site, cannot know it. */
  formToken({ secret }: Visit, path: string): string {
    return formTokenOf(this.#keys().local.active.derive(FORM_LABEL), secret, path)
  }

  isFormToken(visit: Visit, path: string, sent: string): boolean {
    return this.#keys().local.all.some((key) =>
      safeEqual(formTokenOf(key.derive(FORM_LABEL), visit.secret, path), sent),
    )
  }
}

const formTokenOf = (key: Uint8Array, secret: string, path: string): string =>
  keyedHash(key, `${path} ${secret}`)

const handleKey = (handle: string): string => `vault:h:${sha256Base64url(handle)}`
const sessionKey = (secret: string): string => `vault:s:${sha256Base64url(secret)}`
const takeKey = (digest: string): string => `vault:t:${digest}`

const FORM_LABEL = 'mx-vault-form'
const HANDLE_MS = 60_000
export const VISIT_MS = 10 * 60_000
const TAKE_MS = 15 * 60_000
