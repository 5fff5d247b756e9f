import { expect } from 'vitest'
import { systemClock } from '../../../src/kernel/clock.ts'
import { connectRedis, type RedisConnection } from '../../../src/kernel/redis.ts'
import { Secret } from '../../../src/kernel/secret.ts'
import type { Store } from '../../../src/kernel/store/contract.ts'
import { MemoryStore } from '../../../src/kernel/store/memory-store.ts'
import { MemoryAdmissionStore } from '../../../src/mcp/admission/memory-admission-store.ts'
import { RedisAdmissionStore } from '../../../src/mcp/admission/redis-admission-store.ts'
import type { AdmissionAsk, AdmissionStore, Spending, Standing } from '../../../src/mcp/admission/store.ts'
import { manualClock } from '../clock.ts'
import { captureLog } from '../log.ts'
import { heldStore, heldTime, slowLives } from './held-redis.ts'
import { type RedisServer, startRedis } from './redis.ts'

/** One admission store under test with a clock that moves only when told to. */
export interface AdmissionSubject {
  readonly store: Store
  readonly admission: AdmissionStore
  readonly nowMs: () => number
  pass(ms: number): Promise<void>
  /** Of its keys, where they lie in Redis. */
  readonly prefix: string
}

export async function memoryAdmission(): Promise<AdmissionSubject> {
  const clock = manualClock()
  const store = new MemoryStore(clock)
  return {
    store,
    admission: new MemoryAdmissionStore(store, clock),
    nowMs: () => clock.nowMs(),
    pass: async (ms) => clock.advance(ms),
    prefix: '',
  }
}

let server: RedisServer | undefined
let redis: RedisConnection | undefined
let subjects = 0

export async function redisForAdmission(): Promise<RedisConnection> {
  server ??= await startRedis()
  if (redis === undefined) {
    const options = { prefix: '{a}:', commandTimeoutMs: 5_000, clock: systemClock, log: captureLog().log }
    const connection = connectRedis({ ...options, url: new Secret(server.url) })
    await expect.poll(() => connection.trouble(), { interval: 10, timeout: 10_000 }).toBeNull()
    redis = connection
  }
  return redis
}

export async function endAdmissionRedis(): Promise<void> {
  await redis?.close()
  await server?.end()
  // Another file of the same process starts its own.
  redis = undefined
  server = undefined
}

/**
 * The scripts as shipped, on a real Redis, with two changes: what they read as the server's time is held by the test, and a
 * life in Redis is `SLOWED`, so that it ends when that time says so.
 *
 * @param answer Lua that Redis runs in the place of the admission script
 */
export async function redisAdmission(answer?: string): Promise<AdmissionSubject> {
  const connection = await redisForAdmission()
  subjects += 1
  const prefix = `{a${subjects}}:`
  const clock = manualClock()
  const held = heldTime(slowLives(connection), prefix, clock)
  const { store, pass } = heldStore(connection, prefix, clock)
  await held.tell()
  const instead: Partial<RedisConnection> =
    answer === undefined ? {} : { script: () => connection.script(answer) }
  return {
    store,
    admission: new RedisAdmissionStore({ ...held.redis, ...instead }, prefix),
    nowMs: () => clock.nowMs(),
    pass,
    prefix,
  }
}

export const aStanding = (bend: Partial<Standing> = {}): Standing => ({
  tokenId: 'token-1',
  grantId: 'grant-1',
  subject: 'user-1',
  environment: 'env-1',
  clientId: 'https://client.test/',
  encryptionKid: 'mt-1',
  signingKid: 'ps-1',
  kind: 'at',
  attestedMs: 1_000_000,
  credentialVersion: 1,
  ...bend,
})

export const anAsk = (spending: Spending = {}, standing: Partial<Standing> = {}): AdmissionAsk => ({
  marks: [{ writer: 'mcp-1', atLeast: 1 }],
  standing: aStanding(standing),
  spending,
})
