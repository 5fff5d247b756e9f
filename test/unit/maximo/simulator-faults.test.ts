import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Simulator } from '../../../src/dev/simulator/contract.ts'
import type { Fault } from '../../../src/dev/simulator/faults.ts'
import { startSimulator } from '../../../src/dev/simulator/simulator.ts'
import { systemClock } from '../../../src/kernel/clock.ts'
import { aQuery } from './support/compiled.ts'
import { aCall, clientFor, faultOf } from './support/scripted-maximo.ts'

let simulator: Simulator
beforeAll(async () => {
  simulator = await startSimulator({ port: 0, clock: systemClock })
})
afterEach(() => simulator.faults.clear())
afterAll(() => simulator.close())

const client = async () => {
  const credential = simulator.accounts.of('planner@example.com').apiKey
  const deadlines = { firstByteMs: 400, wholeMs: 900 }
  const maximo = clientFor(simulator.baseUrl, { credential, egress: { deadlines } })
  await maximo.schema('mxapiwodetail', aCall())
  return maximo
}

test.each<[Fault, string, string | null]>([
  [{ kind: 'html-error', status: 500 }, 'unavailable', null],
  [{ kind: 'html-error', status: 503 }, 'unavailable', null],
  [{ kind: 'login-page' }, 'bad_upstream', 'login_page'],
  [{ kind: 'redirect', location: 'https://login.example.com/' }, 'bad_upstream', 'redirect'],
  [{ kind: 'truncated-json' }, 'bad_upstream', 'malformed'],
  [{ kind: 'reset', when: 'before-answer' }, 'unreachable', 'reset'],
  [{ kind: 'reset', when: 'mid-body' }, 'bad_upstream', 'truncated'],
  [{ kind: 'silence' }, 'timeout', 'first_byte'],
  [{ kind: 'too-many-requests', retryAfter: '0' }, 'rate_limited', null],
  [{ kind: 'admin-mode' }, 'maintenance', null],
  [{ kind: 'huge-body', bytes: 10_000_000 }, 'too_large', 'body'],
  [{ kind: 'content-type', value: 'text/plain' }, 'bad_upstream', 'content_type'],
  [{ kind: 'bad-utf8' }, 'bad_upstream', 'bad_utf8'],
  [{ kind: 'foreign-next-page', origin: 'http://evil.test' }, 'bad_upstream', 'foreign_next_page'],
  [{ kind: 'next-page-loop' }, 'bad_upstream', 'page_loop'],
])('%j is a fault that says so, and the next question is answered', async (fault, kind, detail) => {
  const maximo = await client()
  simulator.faults.add({ fault, when: '/os/mxapiwodetail' })
  expect(await faultOf(maximo.query(aQuery(), aCall()))).toMatchObject({ kind, detail })
  simulator.faults.clear()
  expect(await maximo.query(aQuery(), aCall())).toMatchObject({ ok: true })
})

test('an Error inside a 200 is a fault', async () => {
  const maximo = await client()
  simulator.faults.add({ fault: { kind: 'error-in-200' } })
  const fault = await faultOf(maximo.query(aQuery(), aCall()))
  expect(fault.code).toMatch(/^BMX/)
})

test('a total below what was seen is not believed', async () => {
  const maximo = await client()
  simulator.faults.add({ fault: { kind: 'wrong-total', by: -1_000 } })
  const page = await maximo.query(aQuery({ count: true }), aCall())
  expect(page.ok && page.value.total).toBeNull()
})

test('a slow answer within the deadlines is an answer', async () => {
  const maximo = await client()
  simulator.faults.add({ fault: { kind: 'latency', ms: 100 } })
  expect(await maximo.query(aQuery(), aCall())).toMatchObject({ ok: true })
})
