import type { McpKeys } from '../../crypto/keys/key-ring.ts'
import { openWrapped } from '../../crypto/wrapped.ts'
import type { Log } from '../../kernel/log.ts'
import { maximoAccess } from '../admission/admitted.ts'
import type { Records } from '../records/records.ts'
import type { AccessOf, Changes } from './changes.ts'

export interface WatchDeps {
  readonly changes: Pick<Changes, 'settleDoubts'>
  readonly records: Pick<Records, 'ledger'>
  readonly keys: () => McpKeys
  readonly log: Log
}

/**
 * Settles what a killed server left behind, from the start on and every half minute, whether or not somebody asks for it.
 *
 * @returns to be called once, to stop; resolves when nothing is looked at any more
 */
export function watchDoubts({ changes, records, keys, log }: WatchDeps): () => Promise<void> {
  const accessOf: AccessOf = async (owned) => {
    const saved = records.ledger.newestCredential(owned)
    if (saved === null || records.ledger.isRemoved(owned.env)) return null
    const opened = await openWrapped(saved.blob, owned, keys())
    return opened.ok ? maximoAccess(owned, opened.value) : null
  }
  let looking = Promise.resolve()
  const look = (): void => {
    looking = looking
      .then(() => changes.settleDoubts(accessOf))
      .catch((error: unknown) => log.error({ err: error }, 'change: what is in doubt cannot be settled now'))
  }
  look()
  const timer = setInterval(look, EVERY_MS).unref()
  return async () => {
    clearInterval(timer)
    await looking
  }
}

const EVERY_MS = 30_000
