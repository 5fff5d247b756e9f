import { afterAll, beforeAll, expect, test } from 'vitest'
import { grantAttest, planRecord } from '../../src/crypto/internal-api.ts'
import { randomId } from '../../src/kernel/random.ts'
import { ALICE, McpWorld } from '../support/mcp/mcp-world.ts'

let world: McpWorld
beforeAll(async () => {
  world = await McpWorld.start()
})
afterAll(() => world.close())

const MANY = Array.from({ length: 40 }, (_none, index) => `u:feature-${index}`).join(',')

test('more features than a receipt holds are refused by name, and are no fault of ours', async () => {
  const clerkToken = world.clerkToken(ALICE, { fea: MANY })
  const attested = await world.call(grantAttest.path, await world.grantAsk(ALICE, { clerkToken }))
  expect(attested).toMatchObject({ status: 422, json: { error: 'features_too_long' } })
  const recorded = await world.call(planRecord.path, { clerkToken, transaction: randomId() })
  expect(recorded).toMatchObject({ status: 422, json: { error: 'features_too_long' } })
})
