import type { RevocationTarget } from '../../crypto/internal-api.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Write } from '../../kernel/store/contract.ts'
import type { McpRecord, RecordData } from './entries.ts'
import { recordKeys } from './keys.ts'

/**
 * What a record changes in the store. A function of the record and the clock alone, so that any server may replay any
 * journal. A refusal outlives what it refuses: it is kept for at least an hour longer, and for good where no end is known.
 */
export function writesOf(record: McpRecord, clock: Clock): readonly Write[] {
  switch (record.type) {
    case 'grant.attested':
    case 'credential.confirmed':
    case 'plan.capped':
    // Each server keeps the ledger of writes itself: which plan is taken says its claim, in the store from the start.
    case 'change.begun':
    case 'change.step':
    case 'change.ended':
    case 'detection.raised':
    case 'detection.settled':
      return []
    case 'allow.added':
      return [allowed(record.data, clock)]
    case 'grant.limited':
      return [limited(record.data, clock)]
    case 'grant.used':
      return [
        { key: recordKeys.lastUse(record.data.gid), value: JSON.stringify(record.data), ttlMs: USE_KEPT_MS },
      ]
    case 'revocation.made':
      return revocationWrites(record.data, clock)
    case 'plan.recorded':
      return [{ key: recordKeys.plan(record.data.sub), value: JSON.stringify(record.data) }]
    case 'credential.saved':
    case 'credential.reverted':
      return [{ key: recordKeys.credential(record.data), newest: `${record.data.ver}.${record.data.blob}` }]
    case 'environment.removed':
      return [
        { key: recordKeys.environmentMark(record.data.env), atLeast: record.data.markMs },
        { key: recordKeys.credential(record.data), remove: true },
      ]
  }
}

function revocationWrites(revocation: RecordData<'revocation.made'>, clock: Clock): readonly Write[] {
  const { target, untilS, markMs } = revocation
  switch (target.kind) {
    case 'token':
      return [
        kept(recordKeys.revokedToken(target.rid), '1', untilS, clock),
        { key: recordKeys.allowed(target.rid), remove: true },
      ]
    case 'grant':
      return [kept(recordKeys.revokedGrant(target.gid), '1', untilS, clock)]
    case 'user':
    case 'client':
    case 'env':
    case 'key':
    case 'before':
      return [{ key: markKeyOf(target), atLeast: markMs }]
    case 'window':
      return [{ key: recordKeys.windows, range: [target.fromMs, target.toMs] }]
  }
}

/** The watermark that a revocation of many raises. */
export function markKeyOf(target: Exclude<RevocationTarget, { kind: 'token' | 'grant' | 'window' }>): string {
  switch (target.kind) {
    case 'user':
      return recordKeys.userMark(target.sub)
    case 'client':
      return recordKeys.clientMark(target.cid)
    case 'env':
      return recordKeys.environmentMark(target.env)
    case 'key':
      return recordKeys.keyMark(target.kid)
    case 'before':
      return recordKeys.timeMark
  }
}

/** Where another server's record has ended it earlier, that stands, whichever journal is replayed first. */
const allowed = ({ jti, gid, maxS }: RecordData<'allow.added'>, clock: Clock): Write => ({
  ...kept(recordKeys.allowed(jti), gid, maxS, clock),
  ifAbsent: true,
})

interface Kept {
  readonly key: string
  readonly value: string
  readonly ttlMs?: number
}

function kept(key: string, value: string, untilS: number | null, clock: Clock): Kept {
  if (untilS === null) return { key, value }
  return { key, value, ttlMs: Math.max(untilS * 1000 - clock.nowMs(), 0) + HOUR_MS }
}

/** Not a moment longer, as far as the store can help it; once it is over, whatever says that it may be used comes late. */
function limited({ jti, gid, untilS }: RecordData<'grant.limited'>, clock: Clock): Write {
  const leftMs = untilS * 1000 - clock.nowMs()
  if (leftMs <= 0) return { key: recordKeys.revokedToken(jti), value: '1' }
  return { key: recordKeys.allowed(jti), value: gid, ttlMs: leftMs }
}

const HOUR_MS = 3_600_000
const USE_KEPT_MS = 400 * 86_400_000
