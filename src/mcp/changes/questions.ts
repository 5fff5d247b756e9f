import { z } from 'zod'
import type { McpKeys } from '../../crypto/keys/key-ring.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { CallerFacts } from '../admission/caller.ts'
import { sealedBox, type SealedBox } from '../sealed-box.ts'
import type { Plan } from './plan.ts'

/**
 * What goes out with a question about a plan, and has to come back with its answer: a client could otherwise answer
 * questions that nobody put. That a plan is written once does not hang on it.
 */
export class Questions {
  readonly #box: SealedBox
  readonly #clock: Clock

  constructor({ keys, clock }: { readonly keys: () => McpKeys; readonly clock: Clock }) {
    this.#box = sealedBox(keys, 'change-question')
    this.#clock = clock
  }

  ask({ id, sub, gid }: Plan): Promise<string> {
    return this.#box.seal({ id, sub, gid, untilMs: this.#clock.nowMs() + LIFE_MS })
  }

  async isAbout(id: string, state: string, { subject, grantId }: CallerFacts): Promise<boolean> {
    const asked = state.length > MAX_STATE ? null : await this.#box.open(state, question)
    return (
      asked?.id === id &&
      asked.sub === subject &&
      asked.gid === grantId &&
      asked.untilMs > this.#clock.nowMs()
    )
  }
}

const question = z.strictObject({ id: z.string(), sub: z.string(), gid: z.string(), untilMs: z.number() })
const LIFE_MS = 10 * 60_000
const MAX_STATE = 2_000
