import { executionAsyncId } from 'node:async_hooks'
import { expect, test } from 'vitest'
import { attempt } from '../../../src/portal/clerk/clerk-fetch.ts'

/** Whether promises of this process are followed, which makes each of them dear (Node 20 and 22). */
async function areFollowed(): Promise<boolean> {
  await Promise.resolve()
  return executionAsyncId() !== 0
}

/** A call of the library that goes on until it is told to end. */
function lastingCall() {
  let end: (value: string) => void = () => undefined
  const lasting = new Promise<string>((resolve) => (end = resolve))
  return { end, work: async () => lasting }
}

test('promises are followed while a call of Clerk’s library goes on, the late ones included, and no longer', async () => {
  expect(await areFollowed()).toBe(false)
  const [quick, late] = [lastingCall(), lastingCall()]
  const first = attempt(60_000, quick.work)
  expect(await attempt(1, late.work)).toEqual({ settled: 'late' })
  const isFollowing = await areFollowed()
  quick.end('done')
  expect(await first).toMatchObject({ settled: 'value', value: 'done' })
  // The late one still runs: its requests must find the deadline that they are under.
  expect(await areFollowed()).toBe(isFollowing)
  late.end('too late')
  await expect.poll(areFollowed).toBe(false)
})
