import { isDeepStrictEqual } from 'node:util'
import { startChild, type Child } from '../child.ts'
import { median, ratio, type Sample } from '../measure.ts'
import { openJudge } from '../promise.ts'
import { PAGES, type PageName } from '../workload.ts'
import { READERS } from './reader.ts'

const OURS = 'maximo client'
const RAW = 'undici request + JSON.parse'
/** The first ones only warm up. */
const WARM_ROUNDS = 2
const ROUNDS = 7
/** The promise of the product: what a read costs at most, against the same page read with nothing but undici. */
const PLAN: Readonly<Record<PageName, { readonly reads: number; readonly most: number }>> = {
  '5 KB': { reads: 6_000, most: 1.5 },
  '200 KB': { reads: 600, most: 1.3 },
}
const READER_CORE = 0
const UPSTREAM_CORE = 1

type Cost = Pick<Sample, 'callsPerSecond' | 'cpuUsPerCall'>

/** Measures reads of a page by our client and without it, prints, and returns 0 when the promise about their cost holds. */
export async function runClientBench(print: (line: string) => void): Promise<number> {
  const { judge, exitCode } = openJudge(print)
  for (const page of Object.keys(PAGES) as PageName[]) {
    const { reads, most } = PLAN[page]
    const samples = await withReaders(page, (readers) => measureAll(readers, reads))
    print(
      `\nreads of a ${page} page, ${READERS} at a time, ${ROUNDS} interleaved rounds of ${reads}` +
        `\n  ${'reader'.padEnd(36)}reads/s   CPU µs/read`,
    )
    for (const [name, own] of samples) {
      const of = (key: keyof Cost): string => median(own.map((sample) => sample[key])).toFixed(0)
      print(`  ${name.padEnd(36)}${of('callsPerSecond').padStart(7)}${of('cpuUsPerCall').padStart(14)}`)
    }
    judge(`CPU per read of ${OURS} against ${RAW}`, ratio(samples, [OURS, RAW], 'cpuUsPerCall'), {
      atMost: most,
    })
  }
  return exitCode()
}

interface Reader {
  readonly name: string
  readonly child: Child
}

async function withReaders<T>(page: PageName, work: (readers: readonly Reader[]) => Promise<T>): Promise<T> {
  const children: Child[] = []
  const start = async (name: string, env: Readonly<Record<string, string>>, core: number): Promise<Child> => {
    const child = await startChild(name, env, core)
    children.push(child)
    return child
  }
  try {
    const upstream = await start('upstream', { BENCH_PAGE: page }, UPSTREAM_CORE)
    const env = {
      BENCH_UPSTREAM: upstream.ready['url'] ?? '',
      BENCH_API_KEY: upstream.ready['apiKey'] ?? '',
    }
    const readers = [
      { name: OURS, child: await start('client-reader', env, READER_CORE) },
      { name: RAW, child: await start('raw-reader', env, READER_CORE) },
    ]
    assertSameRows(readers)
    return await work(readers)
  } finally {
    for (const child of children) await child.stop()
  }
}

/** Before anything is timed. @throws when the readers do not give the same rows */
function assertSameRows(readers: readonly Reader[]): void {
  const [ours, raw] = readers.map(({ child }) => JSON.parse(child.ready['rows'] ?? '') as unknown)
  if (!isDeepStrictEqual(ours, raw)) throw new Error(`${OURS} and ${RAW} read different rows`)
}

/** Interleaved, one slot each per round, so that whatever else the machine does hits both alike. */
async function measureAll(readers: readonly Reader[], reads: number): Promise<Map<string, Cost[]>> {
  const samples = new Map<string, Cost[]>(readers.map(({ name }) => [name, []]))
  for (let round = -WARM_ROUNDS; round < ROUNDS; round += 1)
    for (const { name, child } of readers) {
      const cost = await slot(child, reads)
      if (round >= 0) samples.get(name)?.push(cost)
    }
  return samples
}

async function slot(child: Child, reads: number): Promise<Cost> {
  const before = await child.usage()
  const start = performance.now()
  await child.work(reads)
  const seconds = (performance.now() - start) / 1000
  const after = await child.usage()
  return {
    callsPerSecond: reads / seconds,
    cpuUsPerCall: (after.user + after.system - before.user - before.system) / reads,
  }
}
