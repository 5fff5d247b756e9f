import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks'
import { setImmediate as endOfTurn } from 'node:timers/promises'
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

type Collect = (options?: { readonly type: 'minor' | 'major' }) => void

/** V8's own, whether or not Node was started with `--expose-gc`. */
function collector(): Collect {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as Collect
  if (globalThis.gc === undefined) setFlagsFromString('--no-expose-gc')
  return collect
}

const OLD_SPACES: ReadonlySet<string> = new Set(['old_space', 'large_object_space'])

const inOldSpaces = (): number =>
  getHeapSpaceStatistics().reduce(
    (sum, { space_name, space_used_size }) => (OLD_SPACES.has(space_name) ? sum + space_used_size : sum),
    0,
  )

/**
 * Bytes for each time that something is done which only a full collection would free: young ones took them for alive twice.
 * What runs is warmed up before, and the old generation is swept once, which is what makes dead things of it hold young ones.
 */
export async function outlivingYouth(times: number, once: () => Promise<unknown>): Promise<number> {
  const collect = collector()
  const run = async (): Promise<void> => {
    for (let done = 1; done <= times; done += 1) {
      await once()
      if (done % BETWEEN === 0) collect({ type: 'minor' })
    }
  }
  await run()
  for (let tries = 0; tries < TRIES; tries += 1) {
    collect()
    const full = watchFullCollections()
    const before = inOldSpaces()
    await run()
    collect({ type: 'minor' })
    const outliving = inOldSpaces() - before
    if ((await full.end()) === 0) return outliving / times
  }
  throw new Error('V8 collected the old generation whenever this was measured')
}

/** One of V8's own would free what is looked for. */
function watchFullCollections(): { end(): Promise<number> } {
  let seen = 0
  const count = (entries: readonly Collection[]): void => {
    seen += entries.filter(({ detail }) => detail?.kind === FULL).length
  }
  const observer = new PerformanceObserver((list) => count(list.getEntries()))
  observer.observe({ entryTypes: ['gc'] })
  return {
    async end() {
      await endOfTurn()
      count(observer.takeRecords())
      observer.disconnect()
      return seen
    },
  }
}

type Collection = PerformanceEntry & { readonly detail?: { readonly kind?: number } }

const FULL = constants.NODE_PERFORMANCE_GC_MAJOR
const BETWEEN = 50
const TRIES = 5
