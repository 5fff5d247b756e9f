import type { ForeignKeys } from '../../crypto/foreign-keys.ts'
import type { Reason } from '../../crypto/reason.ts'
import { verifyWorkload, type ProvenWorkload, type WorkloadOptions } from '../../crypto/workload-assertion.ts'
import type { WorkloadIssuer } from '../../crypto/workload-issuers.ts'
import type { Clock } from '../../kernel/clock.ts'
import { err, type Result } from '../../kernel/result.ts'
import { FetchedKeys, type KeySource } from '../internal/fetched-keys.ts'
import { fetchIssuerKeys, type IssuerFetch } from './issuer-keys.ts'

/** `unavailable`: the issuer's keys cannot be had now, so nobody knows whether the token is good. */
export type WorkloadRefusal = Reason | 'unavailable' | 'issuer_unknown'

/** The OpenID providers of the operator's file. */
export interface WorkloadIssuers {
  find(issuer: string): WorkloadIssuer | null
  /** Verifies a workload's token against its issuer's keys, without the portal's word for them. */
  verify(
    assertion: string,
    expected: Omit<WorkloadOptions, 'algorithms' | 'clock'>,
  ): Promise<Result<ProvenWorkload, WorkloadRefusal>>
}

export function openWorkloadIssuers(
  issuers: readonly WorkloadIssuer[],
  { clock, ...fetch }: IssuerFetch & { readonly clock: Clock },
): WorkloadIssuers {
  const known = new Map(
    issuers.map((issuer) => {
      const load = (): Promise<ForeignKeys | null> => fetchIssuerKeys(issuer, fetch)
      return [issuer.issuer, { issuer, keys: new FetchedKeys({ load, clock, staleMs: STALE_MS }) }] as const
    }),
  )
  return {
    find: (issuer) => known.get(issuer)?.issuer ?? null,
    verify: async (assertion, expected) => {
      const found = known.get(expected.issuer)
      if (found === undefined) return err('issuer_unknown')
      const { algorithms } = found.issuer
      return verifyWith(assertion, found.keys, { ...expected, algorithms, clock })
    },
  }
}

async function verifyWith(
  assertion: string,
  source: KeySource<ForeignKeys>,
  options: WorkloadOptions,
): Promise<Result<ProvenWorkload, WorkloadRefusal>> {
  const keys = await source.current()
  if (keys === null) return err('unavailable')
  const verified = await verifyWorkload(assertion, keys, options)
  if (verified.ok || !MAY_BE_A_NEW_KEY.has(verified.error)) return verified
  const renewed = await source.renewed()
  return renewed === null ? verified : verifyWorkload(assertion, renewed, options)
}

const MAY_BE_A_NEW_KEY: ReadonlySet<Reason> = new Set(['kid_unknown', 'signature_wrong'])
/** An issuer that is away for an hour stops no pipeline; a key that it withdrew does not count for longer. */
const STALE_MS = 3_600_000
