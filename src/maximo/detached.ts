import type { MaximoCall } from './contract.ts'

/** For what others wait for too: one asker going away must not end it. The lane's deadline still does. */
export const detached = ({ correlationId, traceparent = null }: MaximoCall): MaximoCall => ({
  signal: new AbortController().signal,
  correlationId,
  traceparent,
})
