import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { request } from 'undici'
import { expect, test } from 'vitest'
import { runSimulate } from '../../../../src/dev/simulator/command.ts'

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
