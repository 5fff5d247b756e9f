import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { send } from '../../support/mcp/mcp-world.ts'
import { startPortalWorld, type PortalWorld } from '../../support/portal-world.ts'

/** What a connection receives for one more request, up to the end of its head. */
async function askOn(socket: Socket, path = '/healthz'): Promise<string> {
  socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`)
  const [head] = (await once(socket, 'data')) as [Buffer]
  return head.toString()
}

const open = async (url: string): Promise<Socket> => {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  await once(socket, 'connect')
  return socket
}

describe('a service that was told to leave', () => {
  let world: PortalWorld
  beforeAll(async () => {
    world = await startPortalWorld({ seeded: false, env: { DRAIN_S: '1' } })
  })
  afterAll(() => world.close())

  test('is not ready at once, serves on, and sends those away who keep their connection', async () => {
    const services = [
      { running: world.portal, urls: [world.portalUrl], path: '/.well-known/oauth-authorization-server' },
      {
        running: world.mcp,
        urls: [world.mcpUrl, world.mcp.internalUrl],
        path: '/.well-known/oauth-protected-resource/mcp',
      },
    ]
    for (const { running, urls, path } of services) {
      const kept = await Promise.all(urls.map(open))
      for (const socket of kept) expect(await askOn(socket)).toMatch(/connection: keep-alive/i)
      const left = running.leave?.().then(() => 'left')
      for (const url of urls) {
        const { status, json } = await send(`${url}/readyz`, { method: 'GET' })
        expect([status, json]).toEqual([503, { status: 'not ready', reasons: ['closing'] }])
      }
      expect((await send(`${urls[0] ?? ''}${path}`, { method: 'GET' })).status).toBe(200)
      for (const socket of kept) {
        const closed = once(socket, 'close')
        expect(await askOn(socket)).toMatch(/^HTTP\/1\.1 200 [^]*connection: close/i)
        await closed
      }
      expect(await left).toBe('left')
    }
  })
})
