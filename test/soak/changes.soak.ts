import { afterAll, beforeAll, test } from 'vitest'
import { liveThrough } from '../support/changes/change-model.ts'
import { openChangeWorld, type ChangeWorld } from '../support/changes/change-world.ts'
import { figure, soakShare, timed } from '../support/soak.ts'

/** The model of `npm test`, a hundred times as long. */
const STEPS = 100_000
const STEPS_PER_LIFE = 250

let world: ChangeWorld
beforeAll(async () => {
  world = await openChangeWorld()
})
afterAll(() => world.close())

test('no write without an approved plan, and exactly one per plan', async () => {
  const runs = Math.max(1, Math.round((STEPS * soakShare()) / STEPS_PER_LIFE))
  const { ms } = await timed(() => liveThrough(world, { runs, steps: STEPS_PER_LIFE }))
  figure('steps of changes', runs * STEPS_PER_LIFE, 'steps')
  figure('time per step', ms / (runs * STEPS_PER_LIFE), 'ms')
})
