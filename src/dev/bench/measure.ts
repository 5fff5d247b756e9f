import type { Child } from './child.ts'
import { loadFor, quantile, type Target } from './load.ts'

export interface Contender {
  readonly name: string
  readonly child: Child
  readonly target: Target
}

/** One slot of one server. */
export interface Sample {
  readonly callsPerSecond: number
  /** Processor time of the server, all threads, microseconds per call. */
  readonly cpuUsPerCall: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly refused: number
}

export interface Rounds {
  readonly connections: number
  readonly rounds: number
  readonly slotSeconds: number
  /** Calls of each server before anything counts. */
  readonly warmCalls: number
}

/** Interleaved: each round gives every contender one slot, so that whatever else the machine does hits all alike. */
export async function measure(
  contenders: readonly Contender[],
  plan: Rounds,
): Promise<Map<string, Sample[]>> {
  const samples = new Map<string, Sample[]>(contenders.map(({ name }) => [name, []]))
  for (const contender of contenders) await warmUp(contender, plan)
  for (let round = 0; round < plan.rounds; round += 1) {
    // There and back: whoever is always asked behind the same one is measured with what that one leaves behind.
    const inTurn = round % 2 === 0 ? contenders : [...contenders].reverse()
    for (const contender of inTurn) samples.get(contender.name)?.push(await slot(contender, plan))
  }
  return samples
}

/** Until the engine has compiled what is hot: so many calls, whatever the machine does besides; within reason. */
async function warmUp(contender: Contender, plan: Rounds): Promise<void> {
  let calls = 0
  for (let slots = 0; calls < plan.warmCalls && slots < MOST_WARM_SLOTS; slots += 1) {
    const { callsPerSecond } = await slot(contender, plan)
    calls += callsPerSecond * plan.slotSeconds
  }
}

const MOST_WARM_SLOTS = 12

async function slot({ child, target }: Contender, plan: Rounds): Promise<Sample> {
  const before = await child.usage()
  const { calls, refused, seconds, latencies } = await loadFor(target, plan.connections, plan.slotSeconds)
  const after = await child.usage()
  return {
    callsPerSecond: calls / seconds,
    cpuUsPerCall: (after.user + after.system - before.user - before.system) / calls,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    refused,
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

/** Median over the rounds of the ratio within each round. */
export function ratio<Figure extends keyof Sample>(
  samples: ReadonlyMap<string, readonly Pick<Sample, Figure>[]>,
  [ours, other]: readonly [string, string],
  of: Figure,
): number {
  const theirs = samples.get(other) ?? []
  return median(
    (samples.get(ours) ?? []).map((sample, round) => sample[of] / (theirs[round]?.[of] ?? Number.NaN)),
  )
}
