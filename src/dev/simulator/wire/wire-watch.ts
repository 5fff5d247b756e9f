import { appendFileSync } from 'node:fs'
import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel'
import { type Breach, breachesOf, type WireRequest } from './wire-rules.ts'

/** One for all simulators of a process, so that none can be started unwatched. */
const BREACHES = 'maximo-simulator.breach'
const breaches = channel(BREACHES)

/** Where a simulator of this process says its origin. */
export const SIMULATOR_LISTENS = 'maximo-simulator.listens'
const listening = channel(SIMULATOR_LISTENS)

/** Tells who watches that requests may come in here. */
export const announce = (origin: string): void => listening.publish(origin)

/** Looks at a request, if anybody wants to know. */
export function watchWire(request: WireRequest): void {
  if (!breaches.hasSubscribers) return
  for (const breach of breachesOf(request)) breaches.publish(breach)
}

/** Appends every breach at any simulator of this process to a file, one JSON a line, from now on. Of one file, the last call counts. */
export function recordBreaches(file: string, about: () => object = () => ({})): void {
  const before = recordings.get(file)
  if (before !== undefined) unsubscribe(BREACHES, before)
  const record = (breach: unknown): void => {
    appendFileSync(file, `${JSON.stringify({ ...(breach as Breach), ...about() })}\n`)
  }
  recordings.set(file, record)
  subscribe(BREACHES, record)
}

const recordings = new Map<string, (breach: unknown) => void>()

/** The same for a process of its own, into the file that `MAXIMO_SIM_WIRE_LOG` names; nothing without it. */
export function recordBreachesFor(env: Readonly<Record<string, string | undefined>>): void {
  const { MAXIMO_SIM_WIRE_LOG: file = '' } = env
  if (file !== '') recordBreaches(file)
}
