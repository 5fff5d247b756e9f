import type { MaximoClient, WhoAmI } from '../../../maximo/contract.ts'
import type { ToolContext } from '../tool.ts'

/** A default site changes rarely, and every list would otherwise ask for it first. */
const LIFE_MS = 5 * 60_000

interface Known {
  readonly who: WhoAmI
  readonly untilMs: number
}
const known = new WeakMap<MaximoClient, Known>()

/** The Maximo user of this connection, asked at most once in five minutes. A client belongs to one user. */
export async function whoAmI({ maximo, call, clock }: ToolContext): Promise<WhoAmI> {
  const kept = known.get(maximo)
  if (kept !== undefined && kept.untilMs > clock.monotonicMs()) return kept.who
  const who = await maximo.whoAmI(call)
  known.set(maximo, { who, untilMs: clock.monotonicMs() + LIFE_MS })
  return who
}
