import { AsyncLocalStorage } from 'node:async_hooks'
import { LRUCache } from 'lru-cache'

/**
 * `@clerk/backend` takes no fetch and sets no time-out: a Clerk that accepts and never answers would hold a page for
 * minutes, and an outage looks like a sign-out. This module gives every call of the library a deadline and notes
 * whether one of its requests got no proper answer.
 *
 * The library keeps the global `fetch` it finds when it is loaded. So this module must be imported before it, and it
 * leaves behind a `fetch` that behaves as before for everybody else.
 */
interface CallInProgress {
  readonly signal: AbortSignal
  hadTrouble: boolean
}

const calls = new AsyncLocalStorage<CallInProgress>()
const plainFetch = globalThis.fetch

globalThis.fetch = (input, init) => {
  const call = calls.getStore()
  if (call === undefined) return plainFetch(input, init)
  return typeof input === 'string' && isKeyDocument(input)
    ? fetchKeys(call, input, init)
    : fetchForClerk(call, input, init)
}

/**
 * Clerk's key documents as last read. For each token under a key id that it does not know, which is what any forged
 * cookie is, the library asks anew; a flood of them would use up what Clerk lets us ask. A new key waits this long at
 * most.
 */
const keyDocuments = new LRUCache<string, ArrayBuffer>({ max: 10, ttl: 5_000 })

const isKeyDocument = (url: string): boolean => URL.parse(url)?.pathname.endsWith('/jwks') === true

async function fetchKeys(
  call: CallInProgress,
  url: string,
  init: RequestInit | undefined,
): Promise<Response> {
  const known = keyDocuments.get(url)
  if (known !== undefined) return new Response(known, { headers: { 'content-type': 'application/json' } })
  const answer = await fetchForClerk(call, url, init)
  if (answer.status === 200) keyDocuments.set(url, await answer.clone().arrayBuffer())
  return answer
}

/** The whole answer is read here, so that a body that never ends falls under the deadline too. */
async function fetchForClerk(
  call: CallInProgress,
  ...[input, init]: Parameters<typeof fetch>
): Promise<Response> {
  try {
    const answer = await plainFetch(input, { ...init, signal: call.signal, redirect: 'error' })
    if (answer.status >= 500 || answer.status === 429) call.hadTrouble = true
    const body = BODILESS.includes(answer.status) ? null : await answer.arrayBuffer()
    return new Response(body, answer)
  } catch (error) {
    call.hadTrouble = true
    throw error
  }
}

const BODILESS: readonly number[] = [204, 205, 304]

export type Attempt<T> =
  | { readonly settled: 'value'; readonly value: T; readonly hadTrouble: boolean }
  | { readonly settled: 'error'; readonly error: unknown; readonly hadTrouble: boolean }
  | { readonly settled: 'late' }

/** Runs a call of the library, all its requests and retries together within `timeoutMs`. Never rejects. */
export async function attempt<T>(timeoutMs: number, work: () => Promise<T>): Promise<Attempt<T>> {
  const abort = new AbortController()
  const call: CallInProgress = { signal: abort.signal, hadTrouble: false }
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Attempt<T>>((resolve) => {
    timer = setTimeout(() => {
      resolve({ settled: 'late' })
      abort.abort()
    }, timeoutMs)
  })
  try {
    return await Promise.race([calls.run(call, () => settle(work, call)), late])
  } finally {
    clearTimeout(timer)
  }
}

/** Calls whose work goes on, the late ones included. */
let running = 0

async function settle<T>(work: () => Promise<T>, call: CallInProgress): Promise<Attempt<T>> {
  running += 1
  try {
    const value = await work()
    return { settled: 'value', value, hadTrouble: call.hadTrouble }
  } catch (error) {
    return { settled: 'error', error, hadTrouble: call.hadTrouble }
  } finally {
    running -= 1
    // Up to Node 22 a storage in use slows every promise of the process down, by half for the token endpoint.
    if (running === 0) calls.disable()
  }
}
