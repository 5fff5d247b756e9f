import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

type Collect = (options?: { readonly type: 'minor' | 'major' }) => void

/** V8's own, whether or not Node was started with `--expose-gc`. */
function collector(): Collect {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as Collect
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
  collect()
  const before = inOldSpaces()
  await run()
  collect({ type: 'minor' })
  return (inOldSpaces() - before) / times
}

const BETWEEN = 50
