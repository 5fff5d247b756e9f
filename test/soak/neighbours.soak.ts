import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Simulator } from '../../src/dev/simulator/contract.ts'
import { startSimulator } from '../../src/dev/simulator/simulator.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { Secret } from '../../src/kernel/secret.ts'
import { createMaximoClient } from '../../src/maximo/client.ts'
import type { MaximoClient } from '../../src/maximo/contract.ts'
import { type Egress, openEgress } from '../../src/maximo/egress/egress.ts'
import type { Query } from '../../src/maximo/query/query.ts'
import { type FaultProxy, openFaultProxy } from '../support/faults/fault-proxy.ts'
import { figure, soakShare } from '../support/soak.ts'

/** Ten environments of one process; of one, every question hangs, more of them than it has places. */
const HEALTHY = 9
const HANGING = 40
const ROUNDS = Math.ceil(20 * soakShare())
const CALLS_PER_ROUND = 20

let simulator: Simulator
let egress: Egress
let proxies: FaultProxy[] = []
let clients: MaximoClient[] = []
beforeAll(async () => {
  simulator = await startSimulator({ port: 0, clock: systemClock })
  egress = openEgress({ allowCidrs: [], allowLoopbackHttp: true, clock: systemClock })
  const credential = new Secret(simulator.accounts.of('planner@example.com').apiKey)
  const port = Number(new URL(simulator.url).port)
  proxies = await Promise.all(Array.from({ length: HEALTHY + 1 }, () => openFaultProxy(port)))
  clients = proxies.map((proxy) => {
    const baseUrl = `http://127.0.0.1:${proxy.port}/maximo`
    return createMaximoClient({
      environment: { baseUrl, method: 'apikey', credential },
      ...{ egress, clock: systemClock },
    })
  })
})
afterAll(async () => {
  await egress.close()
  await Promise.all(proxies.map((proxy) => proxy.close()))
  await simulator.close()
})

const QUESTION: Query = {
  objectStructure: 'mxapiasset',
  select: { fields: ['assetnum', 'siteid'] },
  pageSize: 5,
}
const ask = async (client: MaximoClient | undefined, signal: AbortSignal): Promise<void> => {
  const page = await client?.query(QUESTION, { signal, correlationId: 'soak' })
  if (page?.ok !== true) throw new Error('a healthy environment did not answer')
}

/** Milliseconds of every call, the healthy environments asked side by side. */
async function round(): Promise<number[]> {
  const { signal } = new AbortController()
  const costs = clients.slice(1).map(async (client) => {
    const took: number[] = []
    for (let index = 0; index < CALLS_PER_ROUND; index += 1) {
      const before = performance.now()
      await ask(client, signal)
      took.push(performance.now() - before)
    }
    return took
  })
  return (await Promise.all(costs)).flat()
}

/** The same while the other environment hangs, with more questions to it than it has places. */
async function roundBesideTrouble(): Promise<number[]> {
  const gone = new AbortController()
  proxies[0]?.set({ kind: 'silence' })
  const hanging = Array.from({ length: HANGING }, () => ask(clients[0], gone.signal).catch(() => undefined))
  const took = await round()
  gone.abort(new Error('over'))
  await Promise.all(hanging)
  proxies[0]?.clear()
  return took
}

const at = (share: number, of: readonly number[]): number =>
  of.toSorted((a, b) => a - b)[Math.floor(of.length * share)] ?? NaN

test('M13: nine environments answer as fast beside one that hangs', async () => {
  for (const client of clients) await ask(client, new AbortController().signal)
  for (let index = 0; index < 3; index += 1) await roundBesideTrouble()
  const [alone, beside]: [number[], number[]] = [[], []]
  // By turns, so that whatever else the machine does falls on both.
  for (let index = 0; index < ROUNDS; index += 1) {
    alone.push(...(await round()))
    beside.push(...(await roundBesideTrouble()))
  }
  for (const [name, share] of [
    ['median', 0.5],
    ['p99', 0.99],
  ] as const) {
    figure(`nine healthy environments, ${name}, all healthy`, at(share, alone), 'ms')
    figure(`nine healthy environments, ${name}, beside one that hangs`, at(share, beside), 'ms')
  }
  figure('their p99 beside it, to that without', at(0.99, beside) / at(0.99, alone), 'times')
  figure('their median beside it, to that without', at(0.5, beside) / at(0.5, alone), 'times')
  expect(beside).toHaveLength(alone.length)
  // A place, a connection or a turn that were shared would cost seconds: what hangs, hangs for fifteen.
  expect(at(0.99, beside)).toBeLessThan(at(0.99, alone) * 2)
})
