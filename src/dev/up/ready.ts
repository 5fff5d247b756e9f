import { setTimeout as pause } from 'node:timers/promises'
import { request } from 'undici'

const PAUSE_MS = 50
const PATIENCE_MS = 20_000

/**
 * Waits until every address answers 200.
 *
 * @throws when one does not within 20 s, naming it and what it said last.
 */
export async function waitUntilReady(urls: readonly string[]): Promise<void> {
  for (const url of urls) await waitFor(url, performance.now() + PATIENCE_MS)
}

async function waitFor(url: string, deadline: number): Promise<void> {
  for (;;) {
    const said = await ask(url)
    if (said === '200') return
    if (performance.now() > deadline) throw new Error(`${url} is not ready: ${said}`)
    await pause(PAUSE_MS)
  }
}

async function ask(url: string): Promise<string> {
  try {
    const answer = await request(url)
    const text = await answer.body.text()
    return answer.statusCode === 200 ? '200' : `${answer.statusCode} ${text.slice(0, 200)}`
  } catch (error) {
    return error instanceof Error ? error.message : 'no answer'
  }
}
