import { sha256Base64url } from '../../crypto/digest.ts'
import type { Clock } from '../../kernel/clock.ts'
import { randomId } from '../../kernel/random.ts'
import { type Store, StoreUnavailable } from '../../kernel/store/contract.ts'
import type { Detection, Rule } from '../../crypto/detection.ts'
import type { Finding } from './judge.ts'

export interface CoolDownOptions {
  readonly store: Pick<Store, 'get' | 'putOnce' | 'remove' | 'tally'>
  readonly clock: Clock
  readonly coolDownMs: Readonly<Record<Rule, number>>
  /** Detections that are remembered as told; the oldest ends early for a new one beyond. */
  readonly atMost: number
}

/** `isOurs`: this process told it, and will say how much more there was. */
interface Open {
  readonly detection: Pick<Detection, 'id' | 'rule' | 'subject' | 'owners'>
  readonly untilMs: number
  readonly isOurs: boolean
  more: number
}

/** What became of a detection whose time is over. */
export interface Settled {
  readonly detection: Open['detection']
  readonly more: number
}

/**
 * One detection of a subject and rule at a time, over all servers: the first one tells it, and all count what comes after.
 * While the store is away each server tells its own.
 */
export class CoolDowns {
  readonly #options: CoolDownOptions
  readonly #open = new Map<string, Open>()

  constructor(options: CoolDownOptions) {
    this.#options = options
  }

  /** The detection to be told; null: it was, and this was counted. */
  async begin(finding: Finding): Promise<Detection | null> {
    const nowMs = this.#options.clock.nowMs()
    const key = subjectKey(finding.seen)
    const known = this.#open.get(key)
    if (known !== undefined && nowMs < known.untilMs) {
      await this.#count(known, finding.more)
      return null
    }
    const id = randomId()
    const lifeMs = this.#options.coolDownMs[finding.seen.rule]
    const toldId = await this.#claim(key, id, lifeMs)
    const { rule, subject, owners } = finding.seen
    const isOurs = toldId === id
    const open: Open = {
      detection: { id: toldId, rule, subject, owners },
      untilMs: nowMs + (isOurs ? lifeMs : ASK_AGAIN_MS),
      ...{ isOurs, more: 0 },
    }
    this.#remember(key, open)
    if (!isOurs) {
      await this.#count(open, finding.more)
      return null
    }
    return { ...finding.seen, id, untilMs: open.untilMs }
  }

  /** Takes up one that this server told before it was restarted. */
  resume(detection: Detection): void {
    const { id, rule, subject, owners, untilMs } = detection
    this.#remember(subjectKey(detection), {
      ...{ detection: { id, rule, subject, owners }, untilMs, isOurs: true, more: 0 },
    })
  }

  /** It could not be told: the next of its kind tries again. */
  async takeBack(detection: Detection): Promise<void> {
    const key = subjectKey(detection)
    this.#open.delete(key)
    await unlessSilent(this.#options.store.remove(coolDownKey(key)), undefined)
  }

  /** What is over, once each; of what other servers told nothing is said here. */
  async end(): Promise<readonly Settled[]> {
    const nowMs = this.#options.clock.nowMs()
    const settled: Settled[] = []
    let excess = this.#open.size - this.#options.atMost
    for (const [key, open] of this.#open) {
      excess -= 1
      if (nowMs < open.untilMs && excess < 0) continue
      this.#open.delete(key)
      if (open.isOurs) settled.push({ detection: open.detection, more: await this.#countOf(open) })
    }
    return settled
  }

  isOpen(finding: Finding): boolean {
    const known = this.#open.get(subjectKey(finding.seen))
    return known !== undefined && this.#options.clock.nowMs() < known.untilMs
  }

  get size(): number {
    return this.#open.size
  }

  #remember(key: string, open: Open): void {
    this.#open.delete(key)
    this.#open.set(key, open)
  }

  /** The id of the detection that stands: the asked one, or one that was told before. */
  async #claim(key: string, id: string, lifeMs: number): Promise<string> {
    const { store } = this.#options
    const isFirst = await unlessSilent(store.putOnce(coolDownKey(key), id, lifeMs), true)
    return isFirst ? id : ((await unlessSilent(store.get(coolDownKey(key)), null)) ?? id)
  }

  async #count(open: Open, more: number): Promise<void> {
    open.more += more
    await unlessSilent(this.#options.store.tally(countKey(open), { ...COUNTER, by: more }), 0)
  }

  /** What the store does not know any more, this process does as far as it saw it. */
  async #countOf(open: Open): Promise<number> {
    const all = await unlessSilent(this.#options.store.tally(countKey(open), { ...COUNTER, by: 0 }), 0)
    return Math.max(all, open.more)
  }
}

const subjectKey = ({ rule, subject }: Pick<Detection, 'rule' | 'subject'>): string =>
  `${rule}:${subject.kind}:${sha256Base64url(subject.id)}`
const coolDownKey = (key: string): string => `det:c:${key}`
const countKey = ({ detection: { id } }: Open): string => `det:n:${id}`

async function unlessSilent<T>(asked: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof StoreUnavailable) return otherwise
    throw error
  }
}

const ASK_AGAIN_MS = 60_000
/** A window of one slot; longer than any cool-down. */
const COUNTER = { slot: 0, oldest: 0, ttlMs: 8 * 24 * 3_600_000 }
