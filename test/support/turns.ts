import { EventEmitter, once } from 'node:events'

/** Something that waits until a test opens it. */
export function openGate(): { readonly opened: Promise<unknown>; readonly open: () => void } {
  const gate = new EventEmitter()
  return { opened: once(gate, 'open'), open: () => void gate.emit('open') }
}

export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Enough for a packet to come from one socket to another. */
export const turns = async (): Promise<void> => {
  for (let at = 0; at < 50; at++) await turn()
}
