import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/kernel/clock.ts'
import { connectRedis, type RedisConnection } from '../../src/kernel/redis.ts'
import { Secret } from '../../src/kernel/secret.ts'
import { RedisStore } from '../../src/kernel/store/redis-store.ts'
import { type CapturedLog, captureLog } from '../support/log.ts'
import { redisMissing, type RedisServer, startRedis } from '../support/store/redis.ts'

const SOON = { interval: 10, timeout: 10_000 }

const toEnd: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of toEnd.splice(0).reverse()) await end()
})

async function serverWith(...args: string[]): Promise<RedisServer> {
  const server = await startRedis({ args })
  toEnd.push(() => server.end())
  return server
}

function connectTo(server: RedisServer): {
  readonly connection: RedisConnection
  readonly store: RedisStore
  readonly captured: CapturedLog
} {
  const captured = captureLog()
  const fixed = { prefix: '{t}:', clock: systemClock, log: captured.log }
  const connection = connectRedis({ url: new Secret(server.url), ...fixed })
  toEnd.push(() => connection.close())
  return { connection, captured, store: new RedisStore({ redis: connection, prefix: '{t}:' }) }
}

describe.skipIf(redisMissing !== null)('a Redis that cannot answer yet', () => {
  const refusal = (call: Promise<unknown>): Promise<string> => call.then(String, String)

  test('because it loads its data is waited for, and then has what it kept', async () => {
    const slowly = ['--key-load-delay', '500', '--loading-process-events-interval-bytes', '1024']
    const server = await serverWith(...slowly)
    await server.cli('EVAL', "for i = 1, 1500 do redis.call('SET', '{t}:' .. i, i) end", '0')
    await server.cli('SAVE')
    await server.stop()
    const { connection, store, captured } = connectTo(server)
    await server.start()
    await expect.poll(() => connection.trouble(), SOON).toBe('Redis is loading its data')
    expect(await refusal(store.get('7'))).toBe('StoreUnavailable: Redis is loading its data')
    await expect.poll(() => connection.trouble(), SOON).toBeNull()
    expect(await store.get('7')).toBe('7')
    // It is asked twice a second, not in a storm, and told once.
    expect(captured.events().filter(({ event }) => event === 'redis.unfit')).toHaveLength(1)
  })

  test('because somebody’s script keeps it busy is refused in time, and used again when that ends', async () => {
    const server = await serverWith('--busy-reply-threshold', '50')
    const { connection, store } = connectTo(server)
    await expect.poll(() => connection.trouble(), SOON).toBeNull()
    const busy = server.cli('EVAL', 'while true do end', '0')
    const said = (): Promise<string> => refusal(store.get('a'))
    await expect.poll(said, SOON).toBe('StoreUnavailable: Redis refused: BUSY')
    await expect.poll(said, SOON).toContain('left alone')
    await server.cli('SCRIPT', 'KILL')
    expect(await busy).toContain('killed by user')
    await expect.poll(said, SOON).toBe('null')
  })

  test('because it has no connection left is tried again, more and more slowly', async () => {
    const server = await serverWith('--maxclients', '2')
    const others = await Promise.all([openSocket(server), openSocket(server)])
    const { connection, store, captured } = connectTo(server)
    await expect.poll(() => captured.events().length, SOON).toBeGreaterThan(0)
    expect(await refusal(store.get('a'))).toContain('StoreUnavailable')
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(captured.events().filter(({ event }) => event === 'redis.error')).toHaveLength(1)
    for (const socket of others) socket.destroy()
    await expect.poll(() => connection.trouble(), SOON).toBeNull()
    expect(await store.get('a')).toBeNull()
  })
})

/** One that Redis took: whoever started the server may still hold a place. */
async function openSocket(server: RedisServer): Promise<Socket> {
  for (;;) {
    const socket = connect(server.port, '127.0.0.1')
    // So that it counts before the next one comes.
    socket.write('PING\r\n')
    const [said] = (await once(socket, 'data')) as [Buffer]
    if (said.toString() === '+PONG\r\n') return socket
    socket.destroy()
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
