import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { request } from 'undici'
import { expect, test } from 'vitest'
import { runSimulate } from '../../../src/dev/simulator/command.ts'
import { systemClock } from '../../../src/kernel/clock.ts'
import { Secret } from '../../../src/kernel/secret.ts'
import { createMaximoClient } from '../../../src/maximo/client.ts'
import { openEgress } from '../../../src/maximo/egress/egress.ts'

test('a key and a cookie', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'maximo-mcp-red-'))
  const simulator = await runSimulate(['--port', '0', '--data', folder], process.env, {
    write: () => undefined,
  })
  const headers = {
    apikey: simulator.accounts.of('WILSON').apiKey,
    cookie: 'JSESSIONID=1',
    'x-public-uri': `${simulator.baseUrl}/api`,
  }
  const answer = await request(`${simulator.baseUrl}/api/whoami?lean=1`, { headers })
  expect(answer.statusCode).toBe(200)
  await answer.body.dump()
  await simulator.close()
  await rm(folder, { recursive: true })
})

test('a host that nobody expects', async () => {
  const elsewhere = createServer((_request, response) => response.writeHead(404).end())
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve))
  const baseUrl = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/maximo`
  const egress = openEgress({ allowCidrs: [], allowLoopbackHttp: true, clock: systemClock })
  const environment = { baseUrl, method: 'apikey', credential: new Secret('key-0123456789abcdef') } as const
  const client = createMaximoClient({ environment, egress, clock: systemClock })
  const call = { signal: new AbortController().signal, correlationId: 'red' }
  await expect(client.whoAmI(call)).rejects.toThrow()
  await egress.close()
  elsewhere.close()
})
