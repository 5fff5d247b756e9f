import type { SinkEvent } from './event.ts'

/** Why a batch was not taken. The words are labels of a figure. */
export type DeliveryFailure =
  | 'unreachable'
  | 'timed_out'
  | 'unauthorized'
  | 'refused'
  | 'too_large'
  | 'busy'
  | 'unacknowledged'
  | 'secret_unreadable'

export interface Undelivered {
  readonly ok: false
  readonly reason: DeliveryFailure
  /** For the operator, in our own words: nothing that the receiver said. */
  readonly detail: string
  /** How long the receiver asked to be left alone. */
  readonly retryAfterMs?: number | undefined
}

export type Delivery = { readonly ok: true } | Undelivered

export const undelivered = (reason: DeliveryFailure, detail: string, retryAfterMs?: number): Undelivered => ({
  ok: false,
  ...{ reason, detail, retryAfterMs },
})

/** Events that go out together, in order, each as the receiver's {@link Receiver.encode} made it. */
export interface Batch {
  readonly events: readonly SinkEvent[]
  readonly encoded: readonly Buffer[]
}

/** Pauses; ends early when the signal is aborted. */
export type Wait = (ms: number, signal: AbortSignal) => Promise<void>

/** One place outside that takes events. */
export interface Receiver {
  readonly maxEvents: number
  /** Of all encoded events of a batch together, with {@link framingBytes} for each. */
  readonly maxBytes: number
  readonly framingBytes: number
  /** The same bytes for the same event, whenever it is asked. */
  readonly encode: (event: SinkEvent) => Buffer
  /**
   * Resolves when the receiver has taken the whole batch, or with why not. It may have taken some of it even then: the same
   * batch comes again. Never rejects, except when the signal is aborted.
   */
  readonly deliver: (batch: Batch, signal: AbortSignal) => Promise<Delivery>
  readonly close: () => Promise<void>
}
