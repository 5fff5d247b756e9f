import type { Clock } from '../../kernel/clock.ts'
import { DiskUnavailable } from '../../kernel/disk.ts'
import type { Log } from '../../kernel/log.ts'
import { StoreUnavailable, type Store } from '../../kernel/store/contract.ts'
import { grantUsed } from './entries.ts'
import { recordKeys } from './keys.ts'
import type { GrantUse } from './ledger.ts'
import type { Records } from './records.ts'

export interface GrantUsesDeps {
  readonly records: Pick<Records, 'record' | 'ledger'>
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
}

/**
 * When automation grants were last used. Kept in memory, so that a call costs nothing; written down with the first use,
 * once in an hour and when the server stops. After a crash the last hour may be missing; nothing is decided by it.
 */
export class GrantUses {
  readonly #deps: GrantUsesDeps
  readonly #latest = new Map<string, GrantUse>()
  readonly #writing = new Set<Promise<void>>()
  /** Times that were written down, or are about to be. */
  readonly #writtenMs = new Map<string, number>()

  constructor(deps: GrantUsesDeps) {
    this.#deps = deps
  }

  note(use: Omit<GrantUse, 'atMs'>): void {
    const atMs = this.#deps.clock.nowMs()
    const { gid, address, client, tool } = use
    const cut = { address: address.slice(0, 64), client: client.slice(0, 120), tool: tool.slice(0, 64) }
    this.#latest.set(gid, { gid, atMs, ...cut })
    if (atMs - this.#lastWrittenMs(gid) >= WRITE_EVERY_MS) this.#write(gid)
  }

  /**
   * The last use of each grant that has one, newest source first: this process, its journal, the store that all servers
   * share. A grant of somebody else is left out.
   *
   * @throws StoreUnavailable
   */
  async find(subject: string, grantIds: readonly string[]): Promise<readonly GrantUse[]> {
    const { ledger } = this.#deps.records
    const asked = grantIds.filter((gid) => ledger.findGrant(gid)?.sub === subject)
    const shared = await this.#deps.store.getMany(asked.map((gid) => recordKeys.lastUse(gid)))
    return asked.flatMap((gid, index) => {
      const known = [this.#latest.get(gid), ledger.lastUse(gid), readUse(shared[index])]
      return newestOf(known) ?? []
    })
  }

  /** Writes down what is newer than the record of it. Never rejects. */
  async flush(): Promise<void> {
    for (const [gid, { atMs }] of this.#latest) if (atMs > this.#lastWrittenMs(gid)) this.#write(gid)
    await Promise.all(this.#writing)
  }

  #lastWrittenMs(gid: string): number {
    return this.#writtenMs.get(gid) ?? this.#deps.records.ledger.lastUse(gid)?.atMs ?? 0
  }

  #write(gid: string): void {
    const use = this.#latest.get(gid)
    if (use === undefined) return
    this.#writtenMs.set(gid, use.atMs)
    const written = this.#record(use).finally(() => this.#writing.delete(written))
    this.#writing.add(written)
  }

  async #record(use: GrantUse): Promise<void> {
    try {
      await this.#deps.records.record('grant.used', use)
    } catch (error) {
      if (!(error instanceof DiskUnavailable || error instanceof StoreUnavailable)) throw error
      this.#deps.log.warn({ err: error }, 'last use of a grant not written down')
    }
  }
}

function newestOf(uses: readonly (GrantUse | null | undefined)[]): GrantUse | null {
  const known = uses.filter((use) => use !== null && use !== undefined)
  return known.sort((left, right) => right.atMs - left.atMs)[0] ?? null
}

/** What is not ours is as good as nothing: this decides nothing. */
function readUse(text: string | null | undefined): GrantUse | null {
  try {
    return grantUsed.safeParse(JSON.parse(text ?? 'null')).data ?? null
  } catch {
    return null
  }
}

const WRITE_EVERY_MS = 3_600_000
