import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect } from 'vitest'
import type { SharedRecorded } from '../../../src/kernel/peers/shared-recorder.ts'
import { manualClock } from '../clock.ts'
import { FaultyStore } from './faulty-store.ts'
import { Circle, type Member } from './recorder-circle.ts'

type Who = 0 | 1

/** What happens to two servers and the store that they share. */
type Step =
  | { readonly do: 'revoke'; readonly who: Who; readonly isPatient: boolean }
  | { readonly do: 'stop' | 'start' | 'cut' | 'heal'; readonly who: Who }
  | { readonly do: 'flush' | 'silence' | 'answer' }
  | { readonly do: 'roll back'; readonly by: number }

const who = fc.constantFrom<Who>(0, 1)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('revoke' as const), who, isPatient: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('stop' as const, 'start' as const), who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('start' as const), who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('cut' as const, 'heal' as const), who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('flush' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('silence' as const, 'answer' as const) }) },
  // A failover that loses what was written last, or a restored backup: to what it was so many steps ago.
  { weight: 3, arbitrary: fc.record({ do: fc.constant('roll back' as const), by: fc.nat(8) }) },
)

/** One life of two servers, and what was promised in it. */
class Life {
  readonly circle: Circle
  readonly #snapshots: ReadonlyMap<string, string>[] = []
  /** Whose revocation was answered `enforced`. */
  readonly enforced: string[] = []
  /** Was answered anything at all: durable somewhere. */
  readonly recorded: string[] = []
  #made = 0

  constructor(circle: Circle) {
    this.circle = circle
  }

  async take(step: Step): Promise<void> {
    const { store } = this.circle
    this.#snapshots.push(store.snapshot())
    switch (step.do) {
      case 'flush':
        store.flush()
        return
      case 'roll back': {
        const to = this.#snapshots.at(-1 - step.by)
        if (to !== undefined) store.restore(to)
        return
      }
      case 'silence':
        store.mood = 'down'
        return
      case 'answer':
        store.mood = 'well'
        return
      case 'revoke':
      case 'stop':
      case 'start':
      case 'cut':
      case 'heal':
        return this.#at(step)
    }
  }

  async #at(step: Extract<Step, { readonly who: Who }>): Promise<void> {
    const [member, other] = [this.#member(step.who), this.#member(step.who === 0 ? 1 : 0)]
    if (step.do === 'cut') this.circle.cut.add(`${member.id}-${other.id}`)
    if (step.do === 'heal') this.circle.cut.delete(`${member.id}-${other.id}`)
    if (step.do === 'start') await member.start()
    if (step.do === 'stop') await member.stop()
    if (step.do !== 'revoke' || member.recorder === null) return
    if (step.isPatient && this.#isWell()) await this.#settled(member)
    await this.#revoke(member)
  }

  #isWell(): boolean {
    const { members, cut, store } = this.circle
    return members.every(({ recorder }) => recorder !== null) && cut.size === 0 && store.mood === 'well'
  }

  /** The lines are up, and the store has everything. */
  async #settled(member: Member): Promise<void> {
    await expect.poll(() => member.record('greeting', '').then(isEnforced), SOON).toBe(true)
  }

  async #revoke(member: Member): Promise<void> {
    this.#made += 1
    const id = `t${this.#made}`
    const answer = await member.revoke(id)
    this.recorded.push(id)
    if (isEnforced(answer)) this.enforced.push(id)
  }

  /** What each server that is up says of each: nobody lets in what was promised to be refused. */
  async holds(): Promise<void> {
    for (const member of this.circle.members)
      for (const id of this.enforced)
        expect(await member.isRevoked(id), `${id} at ${member.id}`).not.toBe(false)
  }

  /** Left alone with a store that answers, everything is as it was decided: by itself, nothing forgotten, nothing made up. */
  async recovers(): Promise<void> {
    this.circle.store.mood = 'well'
    this.circle.cut.clear()
    await this.circle.start()
    for (const member of this.circle.members) {
      await expect.poll(() => member.isRevoked('never revoked'), SOON).toBe(false)
      for (const id of this.recorded) await expect.poll(() => member.isRevoked(id), SOON).toBe(true)
    }
  }

  #member(who: Who): Member {
    const member = this.circle.members[who]
    if (member === undefined) throw new Error('there are two')
    return member
  }
}

const isEnforced = ({ projected, servers }: SharedRecorded): boolean =>
  projected && servers.have === servers.of

const SOON = { interval: 5, timeout: 20_000 }

/** Lives through any interleaving of revocations, restarts, losses of the store and cut lines. @returns promises made */
export async function surviveLosses(options: {
  readonly runs: number
  readonly steps: number
  /** Whether journals are compacted all the time. */
  readonly isCompacting?: boolean
}): Promise<number> {
  let promised = 0
  const steps = fc.array(step, { minLength: options.steps, maxLength: options.steps })
  await fc.assert(
    fc.asyncProperty(steps, async (taken) => {
      const folder = await mkdtemp(join(tmpdir(), 'maximo-mcp-losses-'))
      const life = new Life(new Circle(folder, new FaultyStore(manualClock())))
      if (options.isCompacting === true) life.circle.compaction = { minBytes: 1, everyMs: 1 }
      try {
        await life.circle.start()
        for (const one of taken) {
          await life.take(one)
          // At once, and while what was lost is being replayed.
          for (let look = 0; look < 4; look += 1) await life.holds()
        }
        await life.recovers()
        promised += life.enforced.length
      } finally {
        await life.circle.stop()
        await rm(folder, { recursive: true })
      }
    }),
    { numRuns: options.runs, endOnFailure: true },
  )
  return promised
}
