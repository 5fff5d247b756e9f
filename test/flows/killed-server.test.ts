import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { KilledServer, LOOKED_ABSENT, NEVER_SENT, type KillPoint } from '../support/changes/killed-server.ts'
import { redisMissing } from '../support/store/redis.ts'

/** By SIGKILL, a process of its own; hundreds of such deaths are in the soak. */
describe.skipIf(redisMissing !== null)('a server that is killed over a write', () => {
  let server: KilledServer
  beforeAll(async () => {
    server = await KilledServer.start()
  })
  afterAll(() => server.close())

  test.each<[string, KillPoint, number, RegExp]>([
    ['before its intent is on disk, it never sends it', 'before change.begun', 0, NEVER_SENT],
    ['between intent and request, it finds nothing', 'after change.begun', 0, LOOKED_ABSENT],
    ['between answer and outcome, it finds it written', 'before change.step', 1, /^written$/],
  ])('killed %s', async (what, point, count, says) => {
    const id = await server.stage(what)
    await server.arm(point)
    expect(await server.commit(id)).toBeNull()
    await server.restart()
    expect(await server.commitAgain(id)).toMatch(says)
    expect(server.notes(what)).toBe(count)
  })

  test('killed between request and answer, it finds written what Maximo did after its death', async () => {
    const { faults, requests } = server.world.simulator
    const id = await server.stage('slow')
    faults.add({ fault: { kind: 'latency', ms: 300 }, times: 1, when: 'interactive=1' })
    requests.reset()
    const committed = server.commit(id)
    await expect.poll(() => server.isWriteSeen, { timeout: 15_000, interval: 5 }).toBe(true)
    server.kill()
    expect(await committed).toBeNull()
    await expect.poll(() => server.notes('slow'), { timeout: 15_000 }).toBe(1)
    await server.restart()
    expect(await server.commitAgain(id)).toBe('written')
    expect(server.notes('slow')).toBe(1)
  })
})
