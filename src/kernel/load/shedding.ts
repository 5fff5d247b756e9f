/** Kinds of work, from what is given up last to what is given up first. */
export const LOAD_CLASSES = ['revocation', 'sign_in', 'write', 'read', 'report'] as const
export type LoadClass = (typeof LOAD_CLASSES)[number]

/**
 * `in_flight`: too much is being worked on. `one_person`: much is, and too much of it for this person. `event_loop`: the
 * process answers late as it is.
 */
export type ShedWhy = 'in_flight' | 'one_person' | 'event_loop'

export interface LoadLimits {
  /** Requests that are worked on at the same time, of all classes. */
  readonly maxInFlight: number
  /** How late the event loop may be on average before reports wait; reads do at twice, writes at four times of it. */
  readonly maxLagMs: number
}

export interface LoadNow {
  readonly inFlight: number
  /** Of those, how many are worked on for whoever asks; absent: nobody knows who that is. */
  readonly own?: number
  readonly lagMs: number
}

/**
 * Whether one more request of a class is turned away. Each class sees a part of the room only, so that what matters more
 * finds some left, and one person sees a quarter of it once a third is taken: whoever lets their calls hang, at a slow Maximo of
 * their own, keeps nobody else out. Lateness alone ends no access and no sign-in: those are few, and somebody waits for them.
 */
export function whyShed(
  of: LoadClass,
  { inFlight, own = 0, lagMs }: LoadNow,
  { maxInFlight, maxLagMs }: LoadLimits,
): ShedWhy | null {
  const { share, lags } = POLICY[of]
  if (inFlight >= Math.ceil(maxInFlight * share)) return 'in_flight'
  if (inFlight >= maxInFlight / 3 && own >= maxInFlight / 4) return 'one_person'
  return lagMs > maxLagMs * lags ? 'event_loop' : null
}

const POLICY: Readonly<Record<LoadClass, { readonly share: number; readonly lags: number }>> = {
  revocation: { share: 1, lags: Infinity },
  sign_in: { share: 0.95, lags: Infinity },
  write: { share: 0.85, lags: 4 },
  read: { share: 0.7, lags: 2 },
  report: { share: 0.4, lags: 1 },
}
