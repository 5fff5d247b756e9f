import { z } from 'zod'
import type { Clock } from '../../kernel/clock.ts'
import type { Write } from '../../kernel/store/contract.ts'
import { type PortalEntry, portalEntries } from './entries.ts'
import { storeKeys } from './keys.ts'

/** What the store holds of a refresh token, under its keyed hash. */
export const storedRefresh = portalEntries['refresh.issued'].omit({ hash: true })
export type StoredRefresh = z.output<typeof storedRefresh>

/** Which successor a refresh token got, and when. The first rotation that reaches the store is the one that counts. */
export const storedRotation = z.strictObject({
  to: portalEntries['refresh.rotated'].shape.to,
  successor: z.string().max(512),
  atMs: z.int().positive(),
})
export type StoredRotation = z.output<typeof storedRotation>

export const storedClient = portalEntries['client.registered']
export type StoredClient = z.output<typeof storedClient>

export const storedMachine = portalEntries['machine.registered']

export const storedToken = portalEntries['token.issued'].omit({ rid: true })
export type StoredToken = z.output<typeof storedToken>

/** What an entry means in the store. Idempotent, and relative to now, so that it can be replayed at any time. */
export function writesOf(entry: PortalEntry, clock: Clock): readonly Write[] {
  const until = (untilS: number): number => untilS * 1000 - clock.nowMs()
  switch (entry.type) {
    case 'client.registered':
      return alive({
        key: storeKeys.client(entry.data.cid),
        value: JSON.stringify(entry.data),
        ttlMs: until(lastSecondOfClient(entry)),
      })
    case 'connection.ended': {
      const { gid, reason, maxS } = entry.data
      return alive({ key: storeKeys.grantEnd(gid), value: reason, ttlMs: until(maxS) })
    }
    case 'refresh.issued': {
      const { hash, ...kept } = entry.data
      return alive({ key: storeKeys.refresh(hash), value: JSON.stringify(kept), ttlMs: until(kept.expS) })
    }
    case 'refresh.rotated': {
      const { from, to, successor, ...kept } = entry.data
      const rotation: StoredRotation = { to, successor, atMs: entry.atMs }
      return [
        // The predecessor ends no later than its successor, so its use is remembered for as long as it could be shown.
        ...alive({
          key: storeKeys.rotation(from),
          value: JSON.stringify(rotation),
          ttlMs: until(kept.expS),
          ifAbsent: true,
        }),
        ...alive({ key: storeKeys.refresh(to), value: JSON.stringify(kept), ttlMs: until(kept.expS) }),
      ]
    }
    case 'token.issued': {
      const { rid, ...kept } = entry.data
      return alive({ key: storeKeys.token(rid), value: JSON.stringify(kept), ttlMs: until(kept.expS) })
    }
    case 'machine.registered':
      return [
        { key: storeKeys.machine(entry.data.cid), newest: `${entry.atMs}.${JSON.stringify(entry.data)}` },
      ]
    case 'connection.made':
    case 'connection.limited':
    case 'revocation.pending':
    case 'revocation.settled':
    case 'owners.checked':
    case 'notice.dismissed':
    case 'detection.raised':
    case 'detection.settled':
      return []
  }
}

/** How long a client is remembered after its last use. */
export const USED_CLIENT_LIFE_S = 90 * 24 * 3_600

/** For which a registered client is remembered without another use, in seconds. */
export const lastSecondOfClient = ({
  data: { untilS },
  atMs,
}: Extract<PortalEntry, { type: 'client.registered' }>): number =>
  untilS ?? Math.floor(atMs / 1000) + USED_CLIENT_LIFE_S

type Kept = Extract<Write, { readonly value: string }> & { readonly ttlMs: number }
const alive = (write: Kept): readonly Write[] => (write.ttlMs > 0 ? [write] : [])
