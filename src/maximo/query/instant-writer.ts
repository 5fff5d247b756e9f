import { renderInstant } from './instant.ts'
import { isShownTwice, zoneOffsetMinutes } from './time-zone.ts'

/** How an instant is written in a clause; null: it cannot be. */
export type InstantWriter = (epochSeconds: number) => string | null

/**
 * With its offset, as the REST guide has it: the one that clocks show where the server stands, else UTC. Some
 * installations take no offset and read the time as their user's; then an hour that clocks show twice cannot be named.
 */
export const instantWriter = (zone: string | null, isNaive: boolean): InstantWriter => {
  const offsetAt = (epochSeconds: number): number =>
    zone === null ? 0 : (zoneOffsetMinutes(zone, epochSeconds) ?? 0)
  const withOffset: InstantWriter = (epochSeconds) => renderInstant(epochSeconds, offsetAt(epochSeconds))
  if (!isNaive) return withOffset
  return (epochSeconds) =>
    zone !== null && isShownTwice(zone, epochSeconds)
      ? null
      : (withOffset(epochSeconds)?.slice(0, LOCAL) ?? null)
}

export const inUtc: InstantWriter = instantWriter(null, false)

/** Characters of `2026-05-01T08:30:15`. */
const LOCAL = 19
