import type { IncomingHttpHeaders } from 'node:http'

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

export const onWire = (headers: IncomingHttpHeaders): OnWire => ({
  override: single(headers['x-method-override']),
  patchType: single(headers['patchtype']),
  proofs: ['apikey', 'maxauth', 'authorization', 'cookie'].filter((name) => headers[name] !== undefined),
})

const single = (value: string | string[] | undefined): string | null =>
  value === undefined ? null : [value].flat().join().toUpperCase()
