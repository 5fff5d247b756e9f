import { afterAll, beforeAll, expect, test } from 'vitest'
import { detectionsFound } from '../../src/crypto/detection.ts'
import { grantAttest } from '../../src/crypto/internal-api.ts'
import { randomId } from '../../src/kernel/random.ts'
import { type McpPair, PATIENCE, startPair } from '../support/mcp/mcp-pair.ts'
import { servedProcess } from '../support/mcp/served-process.ts'
import { figure, soakShare, timed } from '../support/soak.ts'
import { REDIS_USERS } from '../support/stack.ts'
import { type RedisServer, startRedis } from '../support/store/redis.ts'

const GRANTS = 200
/** Five refusals of a person's client are a pattern; each server hears three of each. */
const ROUNDS = 3

let redis: RedisServer
let pair: McpPair
beforeAll(async () => {
  redis = await startRedis({ acl: REDIS_USERS })
  pair = await startPair({ REDIS_URL: redis.urlOf('mcp') }, (env) => servedProcess(env))
})
afterAll(async () => {
  await pair.close()
  await redis.end()
})

test('patterns that two processes see in halves are told once each, whoever judges first', async () => {
  const { world, first, second } = pair
  const commit = { name: 'commit_change', arguments: { change_id: randomId() } }
  const grants = Array.from({ length: Math.max(2, Math.round(GRANTS * soakShare())) }, () => ({
    person: { sub: `user_${randomId()}`, sid: 'sess_1' },
    gid: randomId(),
  }))
  const refuse = async ({ person, gid }: (typeof grants)[number]): Promise<void> => {
    const ask = await world.grantAsk(person, { gid })
    const answer = await first.call(grantAttest.path, ask)
    const attested = answer.json as { receipt: string; at: number }
    const token = await world.token({ gid, env: String(ask['env']), jti: undefined, ...attested })
    for (let round = 0; round < ROUNDS; round += 1)
      for (const twin of [first, second])
        expect((await twin.rpc(token, 'tools/call', commit)).status).toBe(403)
  }
  for (const grant of grants) await refuse(grant)
  const raised = async ({ gid }: (typeof grants)[number]) =>
    (await Promise.all([first, second].map((twin) => twin.raised(`grant:${gid}`)))).flat()
  const count = async (): Promise<number> => (await Promise.all(grants.map(raised))).flat().length
  const { ms } = await timed(() => expect.poll(count, PATIENCE).toBe(grants.length))
  // Long enough for both to judge once more.
  await new Promise((resolve) => setTimeout(resolve, 5_000))
  for (const grant of grants) {
    const events = await raised(grant)
    expect(events).toMatchObject([{ limit: 4 }])
    for (const twin of [first, second])
      expect((await twin.call(detectionsFound.path, { sub: grant.person.sub })).json).toMatchObject({
        detections: [{ id: events[0]?.id, subject: { id: grant.gid } }],
      })
  }
  const byFirst = (await Promise.all(grants.map(({ gid }) => first.raised(`grant:${gid}`)))).flat().length
  figure('patterns in halves, told once each', grants.length, 'patterns')
  figure('of them told by the first of two processes', byFirst, 'patterns')
  figure('the last of them told after the last refusal', ms / 1000, 's')
})
