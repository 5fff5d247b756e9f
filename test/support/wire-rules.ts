import { afterAll, expect } from 'vitest'
import type { Simulator } from '../../src/dev/simulator/contract.ts'

/** What a request must never be, whatever a test is about: a PATCH that could lose child rows, two proofs at once. */
export interface OnWire {
  readonly override: string | null
  readonly patchType: string | null
  readonly proofs: readonly string[]
}

export const breaches = (requests: readonly OnWire[]): readonly OnWire[] =>
  requests.filter(
    ({ override, patchType, proofs }) =>
      (override === 'PATCH' && patchType !== 'MERGE') || proofs.length > 1 || proofs.includes('cookie'),
  )

/** At the end of a file, over everything that its clients sent. */
export const keepsWireRules = (simulator: () => Simulator): void => {
  afterAll(() => {
    const seen = simulator().requests.seen()
    expect(seen.length).toBeGreaterThan(0)
    expect(breaches(seen)).toEqual([])
  })
}
