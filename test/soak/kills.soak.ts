import { setTimeout as delay } from 'node:timers/promises'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { KilledServer, LOOKED_ABSENT, NEVER_SENT, type KillPoint } from '../support/changes/killed-server.ts'
import { redisMissing } from '../support/store/redis.ts'
import { figure, soakShare } from '../support/soak.ts'

const DEATHS = 200
const SEED = 20_261_126

/** When a server dies: at a write to its journal, or so many milliseconds after it was told to commit. */
type Death = { readonly at: KillPoint } | { readonly afterMs: number }

const points = fc.constantFrom<KillPoint[]>(
  ...(['begun', 'step', 'ended'] as const).flatMap((entry): KillPoint[] => [
    `before change.${entry}`,
    `after change.${entry}`,
  ]),
)
const deaths: fc.Arbitrary<Death> = fc.oneof(
  points.map((at) => ({ at })),
  fc.nat({ max: 60 }).map((afterMs) => ({ afterMs })),
)
/** What happens to the request meanwhile: nothing, it takes its time, or it is lost. */
const lines = fc.constantFrom('well', 'well', 'slow', 'lost')

/** What committing again may say, and how often Maximo then holds the note. */
const TOLD: readonly (readonly [RegExp, number])[] = [
  [/^written$/, 1],
  [NEVER_SENT, 0],
  [LOOKED_ABSENT, 0],
]

describe.skipIf(redisMissing !== null)('servers killed by SIGKILL over a write', () => {
  let server: KilledServer
  beforeAll(async () => {
    server = await KilledServer.start()
  })
  afterAll(() => server.close())

  async function dieOver(note: string, death: Death, line: string): Promise<string> {
    const { faults } = server.world.simulator
    faults.clear()
    if (line === 'slow') faults.add({ fault: { kind: 'latency', ms: 40 }, times: 1, when: 'interactive=1' })
    if (line === 'lost')
      faults.add({ fault: { kind: 'reset', when: 'before-answer' }, times: 1, when: 'interactive=1' })
    const id = await server.stage(note)
    if ('at' in death) await server.arm(death.at)
    const committed = server.commit(id)
    if ('afterMs' in death) {
      await delay(death.afterMs)
      server.kill()
    }
    await committed
    // What Maximo was already asked for is done by then.
    await delay(100)
    await server.restart()
    faults.clear()
    return server.commitAgain(id)
  }

  test('every plan is written once or told to be not written', async () => {
    const times = Math.max(1, Math.round(DEATHS * soakShare()))
    const plan = fc.sample(fc.tuple(deaths, lines), { numRuns: times, seed: SEED })
    const tally = new Map<string, number>()
    for (const [index, [death, line]] of plan.entries()) {
      const note = `death ${index}`
      const told = await dieOver(note, death, line)
      const known = TOLD.find(([says]) => says.test(told))
      expect([JSON.stringify(death), line, told, known?.[1]]).toEqual([
        ...[JSON.stringify(death), line, told, server.notes(note)],
      ])
      const kind = known?.[1] === 1 ? 'written once' : NEVER_SENT.test(told) ? 'never sent' : 'found absent'
      tally.set(kind, (tally.get(kind) ?? 0) + 1)
    }
    for (const [kind, count] of tally) figure(`deaths, ${kind}`, count, 'of')
    figure('deaths', times, 'in all')
  })
})
