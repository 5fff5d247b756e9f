import type { FastifyReply } from 'fastify'
import { CallEnded } from '../tools/run-tool.ts'

/** Shorter than a lease (45 s), and than the 60 s that clients wait for the first byte of an answer. */
const CALL_MS = 40_000

/** A signal that ends with the client's connection or at the deadline, whichever comes first. */
export interface Deadline {
  readonly signal: AbortSignal
  /** To be called when the work is done, or the timer keeps running. */
  readonly clear: () => void
}

export function deadlineOf(reply: FastifyReply): Deadline {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(new CallEnded('deadline')), CALL_MS)
  const leave = (): void => {
    if (!reply.raw.writableFinished) controller.abort(new CallEnded('client'))
  }
  reply.raw.once('close', leave)
  return {
    signal: controller.signal,
    clear() {
      clearTimeout(timer)
      reply.raw.off('close', leave)
    },
  }
}
