import type { TestProject } from 'vitest/node'
import { setup as holdEvents } from './events/run.ts'
import { setup as holdWire } from './wire/run.ts'

/** What is held over a whole run: each of it is looked at when the tests are over, whatever the other found. */
export function setup(project: TestProject): () => Promise<void> {
  const [endWire, endEvents] = [holdWire(project), holdEvents(project)]
  return async () => {
    const found: unknown[] = []
    try {
      endWire()
    } catch (error) {
      found.push(error)
    }
    await endEvents().catch((error: unknown) => found.push(error))
    if (found.length > 0) throw new Error(found.map(messageOf).join('\n'))
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
