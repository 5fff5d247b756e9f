import { type CallSignal, orAborted } from '../../kernel/call-signal.ts'
import type { Clock } from '../../kernel/clock.ts'
import { MaximoFault, type MaximoFaultFacts } from '../fault.ts'

/** Where every request passes that shows the credential. */
export interface CredentialGate {
  /**
   * @param judge throws the fault that an answer is, where a refusal is an answer
   * @throws MaximoFault credentials_rejected without an attempt, or as `attempt`
   */
  pass<T>(attempt: () => Promise<T>, signal: CallSignal, judge?: (answer: T) => void): Promise<T>
}

/** For what no number of refusals locks. */
export const OPEN_GATE: CredentialGate = { pass: (attempt) => attempt() }

/**
 * Each refusal of a password may count towards locking the account. A refused one is not shown again for
 * {@link REFUSED_MS}, and one that Maximo has not taken yet is shown by one request at a time.
 */
export class PasswordGate implements CredentialGate {
  readonly #clock: Clock
  #refused: { readonly facts: MaximoFaultFacts; readonly untilMs: number } | null = null
  #isTaken = false
  /** Never rejects. */
  #trial: Promise<void> | null = null

  constructor(clock: Clock) {
    this.#clock = clock
  }

  async pass<T>(attempt: () => Promise<T>, signal: CallSignal, judge?: (answer: T) => void): Promise<T> {
    while (!this.#isTaken && this.#trial !== null) await orAborted(this.#trial, signal)
    if (this.#refused !== null && this.#clock.monotonicMs() < this.#refused.untilMs)
      throw new MaximoFault('credentials_rejected', this.#refused.facts)
    const shown = this.#show(attempt, judge)
    if (!this.#isTaken) {
      const end = (): void => {
        this.#trial = null
      }
      this.#trial = shown.then(end, end)
    }
    return shown
  }

  async #show<T>(attempt: () => Promise<T>, judge: ((answer: T) => void) | undefined): Promise<T> {
    try {
      const answer = await attempt()
      this.#learn(judge === undefined ? null : thrownBy(() => judge(answer)))
      return answer
    } catch (error) {
      this.#learn(error)
      throw error
    }
  }

  /** @param error null: Maximo took it. What is no refusal tells nothing. */
  #learn(error: unknown): void {
    if (error === null) {
      this.#isTaken = true
      return
    }
    if (!(error instanceof MaximoFault && error.kind === 'credentials_rejected')) return
    const { code } = error
    this.#isTaken = false
    this.#refused = {
      facts: { detail: 'not_tried_again', ...(code === null ? {} : { code }) },
      untilMs: this.#clock.monotonicMs() + REFUSED_MS,
    }
  }
}

const thrownBy = (run: () => void): unknown => {
  try {
    run()
    return null
  } catch (error) {
    return error
  }
}

/** Long enough for the window in which failed logins usually count; an unlocked account works again after it. */
export const REFUSED_MS = 10 * 60_000
