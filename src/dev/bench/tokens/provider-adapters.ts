import { setTimeout as pause } from 'node:timers/promises'
import type { Adapter, AdapterPayload } from 'oidc-provider'
import { systemClock } from '../../../kernel/clock.ts'
import { createLog } from '../../../kernel/log.ts'
import { connectRedis } from '../../../kernel/redis.ts'
import { Secret } from '../../../kernel/secret.ts'

/** What `oidc-provider` asks of its store and a token endpoint has no use for. */
const UNUSED: Pick<Adapter, 'findByUid' | 'findByUserCode'> = {
  findByUid: async () => Promise.resolve(undefined),
  findByUserCode: async () => Promise.resolve(undefined),
}

const records = new Map<string, AdapterPayload>()

/** Records in a map that never forgets: its own memory adapter does so after a thousand. */
export const MapAdapter = (name: string): Adapter => ({
  ...UNUSED,
  upsert: async (id, payload) => {
    records.set(`${name}:${id}`, payload)
    return Promise.resolve()
  },
  find: async (id) => Promise.resolve(records.get(`${name}:${id}`)),
  consume: async (id) => {
    const payload = records.get(`${name}:${id}`)
    if (payload !== undefined) payload.consumed = nowS()
    return Promise.resolve()
  },
  destroy: async (id) => {
    records.delete(`${name}:${id}`)
    return Promise.resolve()
  },
  revokeByGrantId: async () => Promise.resolve(),
})

/** Models of `oidc-provider` that are used up, and whose use must be remembered. */
const CONSUMED: ReadonlySet<string> = new Set(['AuthorizationCode', 'RefreshToken'])

/**
 * Records in Redis as the adapter that its authors show keeps them: a hash for what is consumed, plain text for the rest,
 * a list per grant so that it can be revoked, and a life for each. It is spared their look at the life of that list before
 * each record, and its connection is the kind that the portal has: commands of one turn leave in one write.
 */
export async function redisAdapter(url: string): Promise<(name: string) => Adapter> {
  const log = createLog({ service: 'bench', level: 'error' })
  const options = { prefix: 'provider:', clock: systemClock, log, commandTimeoutMs: 10_000 }
  const redis = connectRedis({ url: new Secret(url), ...options })
  while (redis.trouble() !== null) await pause(20)
  return (name) => {
    const keyOf = (id: string): string => `provider:${name}:${id}`
    const isConsumed = CONSUMED.has(name)
    return {
      ...UNUSED,
      upsert: async (id, payload, expiresIn) => {
        await redis.run((to) => {
          const text = JSON.stringify(payload)
          const all = to.multi()
          if (isConsumed) all.hset(keyOf(id), 'payload', text)
          else all.set(keyOf(id), text)
          if (expiresIn !== undefined) all.expire(keyOf(id), expiresIn)
          const grant = `provider:grant:${payload.grantId ?? ''}`
          if (payload.grantId !== undefined) all.rpush(grant, keyOf(id)).expire(grant, GRANT_LIFE_S)
          return all.exec()
        })
      },
      find: async (id) => {
        if (!isConsumed) {
          const text = await redis.run((to) => to.get(keyOf(id)))
          return text === null ? undefined : (JSON.parse(text) as AdapterPayload)
        }
        const { payload, consumed } = await redis.run((to) => to.hgetall(keyOf(id)))
        if (payload === undefined) return undefined
        const found = JSON.parse(payload) as AdapterPayload
        return consumed === undefined ? found : { ...found, consumed: Number(consumed) }
      },
      consume: async (id) => {
        await redis.run((to) => to.hset(keyOf(id), 'consumed', nowS()))
      },
      destroy: async (id) => {
        await redis.run((to) => to.del(keyOf(id)))
      },
      revokeByGrantId: async (grantId) => {
        const keys = await redis.run((to) => to.lrange(`provider:grant:${grantId}`, 0, -1))
        await redis.run((to) => to.del(`provider:grant:${grantId}`, ...keys))
      },
    }
  }
}

const GRANT_LIFE_S = 180 * 86_400
const nowS = (): number => Math.floor(Date.now() / 1000)
