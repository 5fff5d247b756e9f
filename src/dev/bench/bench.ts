import { availableParallelism, cpus } from 'node:os'
import { assertSameAnswers, assertSameLists } from './answers.ts'
import {
  lineUp,
  type LineUp,
  NEWCOMERS,
  OPEN,
  OURS,
  OURS_IN_PROCESS,
  PROXY,
  REFRESHED,
  SDK,
  SDK_TUNED,
  UNWRITTEN,
  type Setting,
} from './line-up.ts'
import { measure, median, ratio, type Rounds, type Sample } from './measure.ts'
import { openJudge } from './promise.ts'
import { CONNECTIONS } from './workload.ts'

const BASE: Setting = { tools: 30, page: '5 KB' }
const PLAN: Rounds = { connections: CONNECTIONS, rounds: 5, slotSeconds: 2, warmCalls: 25_000 }
/** Of servers that differ by little: many short turns, so that whatever else the machine does meets each of a pair alike. */
const PAIRS_PLAN: Rounds = { ...PLAN, rounds: 80, slotSeconds: 0.5 }
const GROWTH_PLAN: Rounds = { ...PLAN, rounds: 3, warmCalls: 5_000 }
/** The promises of the product: with all its security, against the SDK with none; and that more tools cost a call nothing. */
const THROUGHPUT = { atLeast: 4 }
/** What its security may cost: all of it, the record on the device, and tokens that are in no cache. */
const SECURITY_CPU = { atMost: 1.4 }
const AUDIT_THROUGHPUT = { atLeast: 0.7 }
const REFRESHED_THROUGHPUT = { atLeast: 0.93 }
/** The first call of a person also connects to a Maximo and learns its schema. */
const NEWCOMERS_THROUGHPUT = { atLeast: 0.75 }
const LIST_CPU = { atMost: 0.05 }
const TOOLS_GROWTH = { atMost: 1.1 }

/** Prints what was measured, and returns 0 when all promises hold. */
export async function runBench(print: (line: string) => void): Promise<number> {
  print(
    `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores, Node ${process.version}`,
  )
  const base = await run(BASE, PLAN)
  printTable(base, PLAN, print)
  const pairs = await run(BASE, PAIRS_PLAN, [OURS, OPEN, REFRESHED, NEWCOMERS])
  printTable(pairs, PAIRS_PLAN, print)
  const { judge, exitCode } = openJudge(print)
  print('')
  judge(`throughput of ${OURS} against ${SDK}`, ratio(base, [OURS, SDK], 'callsPerSecond'), THROUGHPUT)
  judge(`CPU per call of ${OURS} against ${OPEN}`, ratio(pairs, [OURS, OPEN], 'cpuUsPerCall'), SECURITY_CPU)
  const written = ratio(base, [OURS_IN_PROCESS, UNWRITTEN], 'callsPerSecond')
  judge(`throughput of ${OURS_IN_PROCESS} against ${UNWRITTEN}`, written, AUDIT_THROUGHPUT)
  const refreshed = ratio(pairs, [REFRESHED, OURS], 'callsPerSecond')
  judge(`throughput of ${REFRESHED} against ${OURS}`, refreshed, REFRESHED_THROUGHPUT)
  const newcomers = ratio(pairs, [NEWCOMERS, OURS], 'callsPerSecond')
  judge(`throughput of ${NEWCOMERS} against ${OURS}`, newcomers, NEWCOMERS_THROUGHPUT)
  for (const other of [SDK_TUNED, PROXY]) {
    print(
      `throughput of ${OURS} against ${other}: ${ratio(base, [OURS, other], 'callsPerSecond').toFixed(2)}×`,
    )
  }
  for (const other of [SDK, SDK_TUNED, PROXY]) {
    print(
      `CPU per call of ${OURS} against ${other}: ${ratio(base, [OURS, other], 'cpuUsPerCall').toFixed(2)}×`,
    )
  }
  const lists = await runLists(BASE, GROWTH_PLAN)
  judge(`CPU of tools/list of ${OURS} against ${SDK}`, ratio(lists, [OURS, SDK], 'cpuUsPerCall'), LIST_CPU)
  const [few, many] = [1, 100].map((tools) => ({ ...BASE, tools })) as [Setting, Setting]
  const growth = await printGrowth('tools', [few, many], print)
  judge(`CPU of a call of ${OURS} from ${few.tools} to ${many.tools} tools`, growth, TOOLS_GROWTH)
  await printGrowth('page', [BASE, { ...BASE, page: '200 KB' }], print)
  return exitCode()
}

/** @param names of those that are measured; all of them unless named */
const run = (setting: Setting, plan: Rounds, names?: readonly string[]): Promise<Map<string, Sample[]>> =>
  withLineUp(setting, async ({ contenders }) => {
    await assertSameAnswers(contenders)
    return measure(
      contenders.filter(({ name }) => names?.includes(name) ?? true),
      plan,
    )
  })

const runLists = (setting: Setting, plan: Rounds): Promise<Map<string, Sample[]>> =>
  withLineUp(setting, async ({ listing }) => {
    await assertSameLists(listing)
    return measure(listing, plan)
  })

async function withLineUp<T>(setting: Setting, work: (started: LineUp) => Promise<T>): Promise<T> {
  const started = await lineUp(setting)
  try {
    return await work(started)
  } finally {
    await started.close()
  }
}

/** How CPU per call grows between two settings, for each server. @returns by how much ours does */
async function printGrowth(
  what: 'tools' | 'page',
  [small, large]: readonly [Setting, Setting],
  print: (line: string) => void,
): Promise<number> {
  const before = await run(small, GROWTH_PLAN)
  const after = await run(large, GROWTH_PLAN)
  print(`\nCPU per call from ${small[what]} to ${large[what]} (${what})`)
  const growthOf = (name: string): number => cpu(after.get(name) ?? []) / cpu(before.get(name) ?? [])
  for (const name of before.keys()) {
    const [from, to] = [before, after].map((samples) => cpu(samples.get(name) ?? []))
    print(`  ${name.padEnd(NAME_CHARS)}${format(from)} µs → ${format(to)} µs   ${growthOf(name).toFixed(2)}×`)
  }
  print(
    `  throughput of ${OURS} against ${SDK}: ${ratio(before, [OURS, SDK], 'callsPerSecond').toFixed(2)}× → ${ratio(after, [OURS, SDK], 'callsPerSecond').toFixed(2)}×`,
  )
  return growthOf(OURS)
}

/** More than any name has. */
const NAME_CHARS = 50

const cpu = (samples: readonly Sample[]): number => median(samples.map((sample) => sample.cpuUsPerCall))
const format = (value: number | undefined): string => (value ?? Number.NaN).toFixed(0).padStart(6)

function printTable(
  samples: ReadonlyMap<string, readonly Sample[]>,
  { connections, rounds, slotSeconds }: Rounds,
  print: (line: string) => void,
): void {
  print(
    `\n${BASE.tools} tools, ${BASE.page} page, ${connections} connections, ${rounds} interleaved rounds of ${slotSeconds} s`,
  )
  print(`\n  ${'server'.padEnd(NAME_CHARS)}calls/s   CPU µs/call   p50 ms   p99 ms   refused`)
  for (const [name, own] of samples) {
    const of = (key: keyof Sample): number => median(own.map((sample) => sample[key]))
    print(
      `  ${name.padEnd(NAME_CHARS)}${of('callsPerSecond').toFixed(0).padStart(7)}${of('cpuUsPerCall').toFixed(0).padStart(14)}` +
        `${of('p50Ms').toFixed(2).padStart(9)}${of('p99Ms').toFixed(2).padStart(9)}` +
        String(own.reduce((sum, { refused }) => sum + refused, 0)).padStart(10),
    )
  }
}
