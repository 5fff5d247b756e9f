import type { FastifyReply } from 'fastify'
import { CallController, type CallSignal } from '../../kernel/call-signal.ts'
import { CallEnded } from '../tools/run/run-work.ts'

/** Shorter than a lease (45 s), and than the 60 s that clients wait for the first byte of an answer. */
const CALL_MS = 40_000

/** A signal that ends with the client's connection or at the deadline, whichever comes first. */
export interface Deadline {
  readonly signal: CallSignal
  /** To be called when the work is done, or the timer keeps running. */
  readonly clear: () => void
}

export function deadlineOf(reply: FastifyReply): Deadline {
  const call = new CallController()
  const timer = setTimeout(() => call.abort(new CallEnded('deadline')), CALL_MS)
  const leave = (): void => {
    if (!reply.raw.writableFinished) call.abort(new CallEnded('client'))
  }
  reply.raw.once('close', leave)
  return {
    signal: call,
    clear() {
      clearTimeout(timer)
      reply.raw.off('close', leave)
    },
  }
}
