import { announce } from '../child.ts'
import type { WorkOrder } from '../workload.ts'

/** Reads at a time: as many as the client lets through to one environment. */
export const READERS = 16

/** The child's side: shows what it reads, then reads as often as it is told to, {@link READERS} at a time. */
export async function announceReader(read: () => Promise<readonly WorkOrder[]>): Promise<void> {
  const shown = await read()
  const readMany = async (times: number): Promise<void> => {
    let left = times
    const reader = async (): Promise<void> => {
      while (left > 0) {
        left -= 1
        const { length } = await read()
        if (length !== shown.length) throw new Error(`a page of ${length} rows, not ${shown.length}`)
      }
    }
    await Promise.all(Array.from({ length: READERS }, reader))
  }
  announce({ rows: JSON.stringify(shown) }, readMany)
}
