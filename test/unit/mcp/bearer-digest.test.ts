import { once } from 'node:events'
import { Agent, request } from 'node:http'
import fastify from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sha256Base64url } from '../../../src/crypto/digest.ts'
import { digestOfBearer } from '../../../src/mcp/admission/bearer-digest.ts'
import { readBearer } from '../../../src/mcp/admission/read-bearer.ts'

const app = fastify()
/** Of each request, whether it came by the connection of the one before. */
const ports: (number | undefined)[] = []
app.get('/', (asked) => {
  ports.push(asked.socket.remotePort)
  const bearer = readBearer(asked)
  return bearer.ok ? digestOfBearer(asked, bearer.value) : 'none'
})
const agent = new Agent({ keepAlive: true, maxSockets: 1 })
let port = 0
beforeAll(async () => {
  port = Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port)
})
afterAll(async () => {
  agent.destroy()
  await app.close()
})

async function digest(authorization: string): Promise<string> {
  const asked = request({ host: '127.0.0.1', port, agent, headers: { authorization } }).end()
  const [answer] = (await once(asked, 'response')) as [NodeJS.ReadableStream]
  let text = ''
  for await (const chunk of answer) text += String(chunk)
  return text
}

test('it is the SHA-256 of the token, base64url', async () => {
  expect(await digest('Bearer abc')).toBe('ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0')
})

test('on one connection each token has its own, whatever was sent before and however its scheme is written', async () => {
  const long = 'x'.repeat(4_000)
  const tokens = ['abc', 'abc', 'abd', 'abc', `${long}a`, `${long}a`, `${long}b`, long, `${long}a`]
  ports.length = 0
  for (const scheme of ['Bearer ', 'bearer  '])
    for (const token of tokens) expect(await digest(scheme + token)).toBe(sha256Base64url(token))
  expect(new Set(ports).size).toBe(1)
})
