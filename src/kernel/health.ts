import type { FastifyInstance } from 'fastify'
import { addressWithin, isLoopbackAddress } from './address.ts'
import { socketAddress } from './http.ts'

export interface HealthOptions {
  /** What is not ready, in words for the operator; empty means ready. */
  readonly reasons: () => Promise<readonly string[]> | readonly string[]
  /** What an operator should know although it is ready. */
  readonly notes?: () => readonly string[]
  /** Networks that may read reasons and notes beside loopback (CIDR). */
  readonly metricsAllow: readonly string[]
}

/** `GET /healthz` (the process lives) and `GET /readyz` (it may take traffic; reasons only for operators). */
export function addHealth(app: FastifyInstance, options: HealthOptions): void {
  app.get('/healthz', async (_request, reply) =>
    reply.header('cache-control', 'no-store').send({ status: 'ok' }),
  )
  app.get('/readyz', async (request, reply) => {
    const reasons = await options.reasons()
    // The neighbour and whom it speaks for: behind a proxy on this machine, everybody comes from loopback.
    const addresses = [socketAddress(request.raw), request.ip]
    const trusted = addresses.every(
      (address) => isLoopbackAddress(address) || addressWithin(address, options.metricsAllow),
    )
    const status = reasons.length === 0 ? 'ready' : 'not ready'
    return reply
      .code(reasons.length === 0 ? 200 : 503)
      .header('cache-control', 'no-store')
      .send(trusted ? { status, reasons, ...notesOf(options) } : { status })
  })
}

function notesOf({ notes }: HealthOptions): { readonly notes?: readonly string[] } {
  const said = notes?.() ?? []
  return said.length === 0 ? {} : { notes: said }
}
