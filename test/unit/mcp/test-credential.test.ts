import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { Secret } from '../../../src/kernel/secret.ts'
import { MemoryStore } from '../../../src/kernel/store/memory-store.ts'
import { openEgress } from '../../../src/maximo/egress/egress.ts'
import { testCredential } from '../../../src/mcp/vault/test-credential.ts'
import { manualClock } from '../../support/clock.ts'
import { expectRequestsAt } from '../../support/wire/hosts.ts'

test('many people at once ask one host no more often than one after the other may', async () => {
  const clock = manualClock()
  let asked = 0
  const host = createServer((_request, response) => {
    asked += 1
    response.writeHead(401).end()
  })
  await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve))
  const egress = openEgress({ allowCidrs: [], allowLoopbackHttp: true, clock })
  const deps = { store: new MemoryStore(clock), egress, clock }
  expectRequestsAt(`http://127.0.0.1:${(host.address() as AddressInfo).port}`)
  const baseUrl = `http://127.0.0.1:${(host.address() as AddressInfo).port}/maximo`
  const environment = { baseUrl, method: 'apikey', credential: new Secret('a'.repeat(40)) } as const
  const tries = Array.from({ length: 80 }, (_, at) =>
    testCredential({ subject: `user_${at}`, environment, correlationId: String(at) }, deps),
  )
  const outcomes = (await Promise.all(tries)).map((one) => (one.ok ? 'ok' : one.error))
  expect(outcomes.filter((outcome) => outcome === 'too_many_tests')).toHaveLength(80 - MOST)
  expect(asked).toBeLessThanOrEqual(MOST)
  await egress.close()
  host.close()
})

const MOST = 60
