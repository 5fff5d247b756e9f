import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const CLERK_FETCH = pathToFileURL(resolve('dist/portal/clerk/clerk-fetch.js')).href

/**
 * In a process of its own, since whatever else ran in this one may follow promises too (Node 20 and 22: that makes each
 * of them dear). Prints whether they are followed before, while one call lasts and one is late, with the late one alone,
 * and at the end.
 */
const SCRIPT = `
import { executionAsyncId } from 'node:async_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { attempt } from '${CLERK_FETCH}'
const areFollowed = async () => (await Promise.resolve(), executionAsyncId() !== 0)
const lastingCall = () => {
  let end
  const lasting = new Promise((resolve) => (end = resolve))
  return { end, work: async () => lasting }
}
const seen = [await areFollowed()]
const [quick, late] = [lastingCall(), lastingCall()]
const first = attempt(60_000, quick.work)
const missed = await attempt(1, late.work)
seen.push(await areFollowed())
quick.end('done')
const answered = await first
seen.push(await areFollowed())
late.end('too late')
for (let tries = 0; tries < 100 && (await areFollowed()); tries += 1) await pause(10)
seen.push(await areFollowed())
console.log(JSON.stringify({ seen, missed, answered }))
`

test('promises are followed while a call of Clerk’s library goes on, the late ones included, and no longer', async () => {
  const ran = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', SCRIPT])
  const { seen, missed, answered } = JSON.parse(ran.stdout) as Record<string, unknown> & { seen: boolean[] }
  expect(missed).toEqual({ settled: 'late' })
  expect(answered).toMatchObject({ settled: 'value', value: 'done' })
  const [before, during, withLate, after] = seen
  expect([before, after]).toEqual([false, false])
  // The late one still runs: its requests must find the deadline that they are under.
  expect(withLate).toBe(during)
})
