import { randomId } from '../../../kernel/random.ts'
import type { Clock } from '../../../kernel/clock.ts'
import { BmxError } from '../errors.ts'
import type { Row } from '../plant/plant.ts'

/**
 * Answers of stable paging: a query that was run once, kept with the caller's session and handed out page by page, each
 * once and forward only (REST guide, sort and paging; maximo-api §2.5).
 */
export interface StableSets {
  /** @returns the `stableId` that further pages are asked with, the second one next */
  open(sessionId: string | null, rows: readonly Row[], pageSize: number): string
  /** @throws BmxError 410 BMXAA8807E for what is unknown in this session or was idle, 404 BMXAA9510E for another page */
  take(sessionId: string | null, stableId: string, page: number): StablePage
}

export interface StablePage {
  readonly rows: readonly Row[]
  /** Of the whole set. */
  readonly found: number
}

interface StableSet {
  readonly sessionId: string | null
  readonly rows: readonly Row[]
  readonly pageSize: number
  next: number
  usedAtMs: number
}

export function createStableSets(clock: Clock, idleMs: number): StableSets {
  const sets = new Map<string, StableSet>()
  const isIdle = ({ usedAtMs }: StableSet): boolean => clock.nowMs() - usedAtMs > idleMs
  return {
    open: (sessionId, rows, pageSize) => {
      for (const [id, set] of sets) if (isIdle(set)) sets.delete(id)
      const stableId = randomId()
      sets.set(stableId, { sessionId, rows, pageSize, next: 2, usedAtMs: clock.nowMs() })
      return stableId
    },
    take: (sessionId, stableId, page) => {
      const set = sets.get(stableId)
      if (set === undefined || sessionId === null || set.sessionId !== sessionId || isIdle(set))
        throw new BmxError(410, 'BMXAA8807E', 'The stable result set has expired.')
      if (page !== set.next) throw new BmxError(404, 'BMXAA9510E', 'The page has expired.')
      const start = (page - 1) * set.pageSize
      if (start + set.pageSize >= set.rows.length) sets.delete(stableId)
      Object.assign(set, { next: page + 1, usedAtMs: clock.nowMs() })
      return { rows: set.rows.slice(start, start + set.pageSize), found: set.rows.length }
    },
  }
}
