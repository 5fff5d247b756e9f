import { createHmac } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { request } from 'undici'
import type { Clock } from '../../kernel/clock.ts'
import { clerkId } from './state.ts'

export interface WebhookTarget {
  /** Null: nobody is told anything. */
  readonly url: string | null
  /** `whsec_` and base64. */
  readonly secret: string
  readonly instanceId: string
  readonly clock: Clock
}

/** Headers of a delivery, as Svix signs it for Clerk: HMAC-SHA256 over `<id>.<seconds>.<body>`. */
export function signedHeaders(
  delivery: { readonly id: string; readonly body: string; readonly timestampS: number },
  secret: string,
): Record<string, string> {
  const { id, body, timestampS } = delivery
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const signature = createHmac('sha256', key).update(`${id}.${timestampS}.${body}`).digest('base64')
  return {
    'content-type': 'application/json',
    'svix-id': id,
    'svix-timestamp': String(timestampS),
    'svix-signature': `v1,${signature}`,
  }
}

/** Tells the portal what happened, in the background, and again for a while if it does not answer with a success. */
export class Webhooks {
  readonly #target: WebhookTarget
  readonly #running = new Set<Promise<void>>()
  readonly #closing = new AbortController()

  constructor(target: WebhookTarget) {
    this.#target = target
    // One for each delivery that is under way.
    setMaxListeners(0, this.#closing.signal)
  }

  send(type: string, data: object): void {
    const { url, instanceId, clock } = this.#target
    if (url === null) return
    const event = { data, object: 'event', type, timestamp: clock.nowMs(), instance_id: instanceId }
    const delivery = this.#deliver(url, clerkId('msg'), JSON.stringify(event))
    this.#running.add(delivery)
    void delivery.finally(() => this.#running.delete(delivery))
  }

  /** Everything sent so far was taken, or given up. */
  async settled(): Promise<void> {
    await Promise.all(this.#running)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.settled()
  }

  async #deliver(url: string, id: string, body: string): Promise<void> {
    for (const waitMs of ATTEMPTS_AFTER_MS) {
      await sleep(waitMs, this.#closing.signal)
      if (this.#closing.signal.aborted) return
      if (await this.#attempt(url, id, body)) return
    }
  }

  /** Each attempt is signed anew, under the same id. */
  async #attempt(url: string, id: string, body: string): Promise<boolean> {
    const timestampS = Math.floor(this.#target.clock.nowMs() / 1000)
    const headers = signedHeaders({ id, body, timestampS }, this.#target.secret)
    try {
      const answer = await request(url, { method: 'POST', headers, body, signal: this.#closing.signal })
      await answer.body.dump()
      return answer.statusCode >= 200 && answer.statusCode < 300
    } catch {
      return false
    }
  }
}

/** Ends early, and as quietly, when the stand-in is closed. */
const sleep = (ms: number, signal: AbortSignal): Promise<void> =>
  setTimeout(ms, undefined, { signal }).catch(() => undefined)

const ATTEMPTS_AFTER_MS = [0, 200, 1_000, 5_000, 15_000]
