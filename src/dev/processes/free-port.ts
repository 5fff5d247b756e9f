import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/** Below the ports that systems hand out by themselves, so that no connection takes one before its server listens. */
const FROM = 20_000
const TO = 32_000
const MAX_TRIES = 100

/**
 * A loopback port that nobody holds at this moment, drawn at random: many stacks start beside each other.
 *
 * @throws when a hundred draws were all taken.
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const port = randomInt(FROM, TO)
    if (await isFree(port)) return port
  }
  throw new Error(`no free port among ${MAX_TRIES}`)
}

/** Whether a listener could take this loopback port now. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen({ host: '127.0.0.1', port }, () => probe.close(() => resolve(true)))
  })
}
