import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect } from 'vitest'
import type { StoreMood } from '../store/faulty-store.ts'
import {
  contextOf,
  DEATHS,
  effectsOf,
  Mortal,
  SUBJECTS,
  type ChangeWorld,
  type Death,
} from './change-world.ts'

/** A plan as the model knows it. */
interface ModelPlan {
  readonly id: string
  readonly person: number
  readonly risk: 'low' | 'medium'
  /** The text by which its one effect is found in Maximo. */
  readonly mark: string
  /** Its owner agreed. */
  agreed: boolean
  /** It can never be written any more: discarded, expired, or its store is gone, before it was committed. */
  dead: boolean
  /** Somebody who may committed it while it was approved and alive. */
  committed: boolean
  /** Told to be not written for good. */
  deniedForGood: boolean
}

interface Model {
  readonly plans: ModelPlan[]
}

/** One of the open work orders in turn: notes that pile up at one would make each look at it slower than the last. */
function orderOf({ simulator }: ChangeWorld, turn: number): string {
  const open = simulator.plant
    .rows('WORKORDER')
    .filter((row) => row['siteid'] === 'BEDFORD' && row['historyflag'] !== true && row['istask'] !== true)
  return `BEDFORD/${String(open[turn % open.length]?.['wonum'])}`
}

type Command = fc.AsyncCommand<Model, Mortal>
let marks = 0

class Stage implements Command {
  readonly #person: number
  readonly #risk: 'low' | 'medium'
  constructor(person: number, risk: 'low' | 'medium') {
    this.#person = person
    this.#risk = risk
  }
  check = (): boolean => true
  async run(model: Model, mortal: Mortal): Promise<void> {
    marks += 1
    const mark = `mark ${marks}`
    const note = [{ action: 'add' as const, values: { description: mark } }]
    const proposal =
      this.#risk === 'low'
        ? ({
            op: 'update',
            object: 'MXAPIWODETAIL',
            record: orderOf(mortal.world, marks),
            values: {},
            children: { worklog: note },
          } as const)
        : ({ op: 'create', object: 'MXAPISR', values: { description: mark } } as const)
    const staged = await mortal.changes.stage(
      {
        tool: { name: 'a_tool', title: 'A tool', scopes: ['maximo:write'] },
        reason: 'a model',
        proposals: [proposal],
      },
      contextOf(mortal, this.#person),
    )
    expect(effectsOf(mortal.world, mark)).toBe(0)
    // A person may have only so many waiting.
    if (!staged.ok) expect(staged.error.kind).toBe('too_large')
    else {
      expect(staged.value.risk).toBe(this.#risk)
      model.plans.push({
        ...{ id: staged.value.id, person: this.#person, risk: this.#risk, mark },
        ...{ agreed: false, dead: false, committed: false, deniedForGood: false },
      })
    }
  }
  toString = (): string => `stage ${this.#risk} by ${this.#person}`
}

/** One of the plans, the newest most often. */
abstract class OfPlan implements Command {
  readonly #back: number
  constructor(back: number) {
    this.#back = back
  }
  check = (model: Readonly<Model>): boolean => model.plans.length > 0
  async run(model: Model, mortal: Mortal): Promise<void> {
    const plan = model.plans[Math.max(0, model.plans.length - 1 - this.#back)]
    if (plan === undefined) throw new Error('checked before')
    await this.act(plan, mortal, model)
    expectSound(plan, mortal)
  }
  abstract act(plan: ModelPlan, mortal: Mortal, model: Model): Promise<void>
  abstract toString(): string
}

/** No write without approval, never two, and what was told stays true. */
function expectSound(plan: ModelPlan, { world }: Mortal): void {
  const effects = effectsOf(world, plan.mark)
  expect(effects, `${plan.mark}: never two`).toBeLessThanOrEqual(1)
  if (effects === 1)
    expect(plan.committed && (plan.risk === 'low' || plan.agreed), `${plan.mark}: approved`).toBe(true)
  if (plan.deniedForGood) expect(effects, `${plan.mark}: told to be not written`).toBe(0)
}

class Agree extends OfPlan {
  readonly #isOwner: boolean
  constructor(back: number, isOwner: boolean) {
    super(back)
    this.#isOwner = isOwner
  }
  override async act(plan: ModelPlan, mortal: Mortal): Promise<void> {
    const found = await mortal.changes.plans.find(plan.id)
    if (found === null) return
    const sub = SUBJECTS[this.#isOwner ? plan.person : 1 - plan.person] ?? ''
    await mortal.changes.plans.agree(found, { sub, by: 'page' })
    // The last word counts: a stranger's yes in its place is none.
    plan.agreed = this.#isOwner || plan.committed
  }
  override toString(): string {
    return this.#isOwner ? 'agree' : 'a stranger agrees'
  }
}

interface HowToCommit {
  readonly times: number
  readonly death: Death | null
  readonly isOwner: boolean
  /** What the store does meanwhile. */
  readonly mood: StoreMood
}

class Commit extends OfPlan {
  readonly #how: HowToCommit
  constructor(back: number, how: HowToCommit) {
    super(back)
    this.#how = how
  }
  override async act(plan: ModelPlan, mortal: Mortal): Promise<void> {
    const { times, death, isOwner, mood } = this.#how
    const person = isOwner ? plan.person : 1 - plan.person
    if (isOwner && !plan.dead && (plan.risk === 'low' || plan.agreed)) plan.committed = true
    const context = contextOf(mortal, person)
    const ask = { canElicit: false, answer: null }
    mortal.store.mood = mood
    const all = await mortal.until(death, (changes) =>
      Promise.allSettled(Array.from({ length: times }, () => changes.commit(plan.id, ask, context))),
    )
    mortal.store.mood = 'well'
    for (const each of all ?? []) {
      if (each.status === 'rejected') expect([mood, each.reason]).not.toEqual(['well', each.reason])
      else this.#expectTrue(each.value, plan, mortal)
    }
  }
  #expectTrue(
    committed: Awaited<ReturnType<Mortal['changes']['commit']>>,
    plan: ModelPlan,
    { world }: Mortal,
  ): void {
    if (!this.#how.isOwner) expect(committed.ok).toBe(false)
    if (!committed.ok || committed.value.kind !== 'report') return
    const { state } = committed.value.report
    if (state === 'written') expect(effectsOf(world, plan.mark)).toBe(1)
    if (state === 'not_written') plan.deniedForGood = true
  }
  override toString(): string {
    return `commit ${JSON.stringify(this.#how)}`
  }
}

class Discard extends OfPlan {
  override async act(plan: ModelPlan, mortal: Mortal): Promise<void> {
    const found = await mortal.changes.findPlan(plan.id, contextOf(mortal, plan.person))
    if (found.ok && (await mortal.changes.discard(found.value)) && effectsOf(mortal.world, plan.mark) === 0)
      plan.deniedForGood = plan.dead = true
  }
  override toString(): string {
    return 'discard'
  }
}

class Look extends OfPlan {
  override async act(plan: ModelPlan, mortal: Mortal): Promise<void> {
    const report = await mortal.changes.report(plan.id, contextOf(mortal, plan.person))
    if (report?.state === 'written') expect(effectsOf(mortal.world, plan.mark)).toBe(1)
    if (report?.state === 'not_written') plan.deniedForGood = true
    expect(await mortal.changes.report(plan.id, contextOf(mortal, 1 - plan.person))).toBeNull()
  }
  override toString(): string {
    return 'look'
  }
}

class Trouble implements Command {
  readonly #when: 'before-answer' | 'after-work'
  constructor(when: 'before-answer' | 'after-work') {
    this.#when = when
  }
  check = (): boolean => true
  run(_model: Model, { world }: Mortal): Promise<void> {
    world.simulator.faults.clear()
    world.simulator.faults.add({
      fault: { kind: 'reset', when: this.#when },
      times: 1,
      when: 'interactive=1',
    })
    return Promise.resolve()
  }
  toString = (): string => `the next write is cut ${this.#when}`
}

class Restart implements Command {
  readonly #isStoreLost: boolean
  constructor(isStoreLost: boolean) {
    this.#isStoreLost = isStoreLost
  }
  check = (): boolean => true
  async run(model: Model, mortal: Mortal): Promise<void> {
    await mortal.restart(this.#isStoreLost)
    if (this.#isStoreLost) for (const plan of model.plans) plan.dead = true
  }
  toString = (): string => (this.#isStoreLost ? 'restart without the store' : 'restart')
}

class Wait implements Command {
  readonly #ms: number
  constructor(ms: number) {
    this.#ms = ms
  }
  check = (): boolean => true
  run(_model: Model, { world }: Mortal): Promise<void> {
    world.door.workshop.clock.advance(this.#ms)
    return Promise.resolve()
  }
  toString = (): string => `wait ${this.#ms} ms`
}

const back = fc.nat({ max: 4 })
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.nat({ max: 1 }), fc.constantFrom('low' as const, 'medium' as const))
      .map(([person, risk]) => new Stage(person, risk)),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(back, fc.constantFrom(true, true, true, false))
      .map(([at, isOwner]) => new Agree(at, isOwner)),
  },
  {
    weight: 9,
    arbitrary: fc
      .tuple(
        back,
        fc.record({
          times: fc.constantFrom(1, 1, 2, 8),
          death: fc.option(fc.constantFrom(...DEATHS), { freq: 3 }),
          isOwner: fc.constantFrom(true, true, true, true, false),
          mood: fc.constantFrom<StoreMood[]>('well', 'well', 'well', 'well', 'well', 'down', 'deaf'),
        }),
      )
      .map(([at, how]) => new Commit(at, how)),
  },
  { weight: 2, arbitrary: back.map((at) => new Discard(at)) },
  { weight: 4, arbitrary: back.map((at) => new Look(at)) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom('before-answer' as const, 'after-work' as const)
      .map((when) => new Trouble(when)),
  },
  { weight: 1, arbitrary: fc.constantFrom(false, false, true).map((isLost) => new Restart(isLost)) },
  { weight: 1, arbitrary: fc.constantFrom(1_000, 130_000, 16 * 60_000).map((ms) => new Wait(ms)) },
)

/**
 * Random lives of plans: staged, agreed to, committed at once and often, discarded, with answers that are lost, a server
 * that is killed between any two of its steps, and a store that forgets. After each step every plan that was touched is
 * held to the model; at the end, when everything was looked at, what was told of each is what Maximo holds.
 */
export async function liveThrough(
  world: ChangeWorld,
  { runs, steps }: { readonly runs: number; readonly steps: number },
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: steps, maxLength: steps }), async (commands) => {
      const folder = await mkdtemp(join(tmpdir(), 'mx-model-'))
      const mortal = new Mortal(world, folder)
      const model: Model = { plans: [] }
      world.simulator.faults.clear()
      await mortal.start()
      try {
        await fc.asyncModelRun(() => ({ model, real: mortal }), commands)
        await settleAll(model, mortal)
      } finally {
        await mortal.stop()
        await rm(folder, { recursive: true, force: true })
      }
    }),
    { numRuns: runs, endOnFailure: true },
  )
}

async function settleAll({ plans }: Model, mortal: Mortal): Promise<void> {
  mortal.world.simulator.faults.clear()
  mortal.world.door.workshop.clock.advance(130_000)
  for (const plan of plans) {
    const report = await mortal.changes.report(plan.id, contextOf(mortal, plan.person))
    const effects = effectsOf(mortal.world, plan.mark)
    expectSound(plan, mortal)
    if (report === null) expect(effects, `${plan.mark} was never begun`).toBe(0)
    else expect([plan.mark, report.state]).toEqual([plan.mark, effects === 1 ? 'written' : 'not_written'])
  }
}
