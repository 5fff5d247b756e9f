import type { FastifyInstance, FastifyRequest } from 'fastify'
import { addressWithin, isLoopbackAddress } from './address.ts'
import { socketAddress } from './http.ts'
import type { Metrics } from './metrics.ts'

export interface HealthOptions {
  /** What is not ready, in words for the operator; empty means ready. */
  readonly reasons: () => Promise<readonly string[]> | readonly string[]
  /** What an operator should know although it is ready. */
  readonly notes?: () => readonly string[]
  /** Networks that may read reasons and notes beside loopback (CIDR). */
  readonly metricsAllow: readonly string[]
  /** Served as `GET /metrics` to the same networks; absent: there is no such address. */
  readonly metrics?: Pick<Metrics, 'text' | 'contentType'>
}

/**
 * `GET /healthz` (the process lives), `GET /readyz` (it may take traffic; reasons only for operators) and `GET /metrics`
 * (Prometheus; for operators alone).
 */
export function addHealth(app: FastifyInstance, options: HealthOptions): void {
  app.get('/healthz', ALWAYS, async (_request, reply) =>
    reply.header('cache-control', 'no-store').send({ status: 'ok' }),
  )
  app.get('/readyz', ALWAYS, async (request, reply) => {
    const reasons = await options.reasons()
    const status = reasons.length === 0 ? 'ready' : 'not ready'
    return reply
      .code(reasons.length === 0 ? 200 : 503)
      .header('cache-control', 'no-store')
      .send(isOperator(request, options) ? { status, reasons, ...notesOf(options) } : { status })
  })
  const { metrics } = options
  if (metrics === undefined) return
  app.get('/metrics', ALWAYS, async (request, reply) => {
    reply.header('cache-control', 'no-store')
    if (!isOperator(request, options))
      return reply.code(403).type('text/plain; charset=utf-8').send(NOT_ALLOWED)
    return reply.type(metrics.contentType).send(await metrics.text())
  })
}

/** The neighbour and whom it speaks for: behind a proxy on this machine, everybody comes from loopback. */
const isOperator = (request: FastifyRequest, { metricsAllow }: HealthOptions): boolean =>
  !speaksUnheard(request) &&
  [socketAddress(request.raw), request.ip].every(
    (address) => isLoopbackAddress(address) || addressWithin(address, metricsAllow),
  )

/** A proxy that no TRUSTED_PROXIES names says for whom it asks: that may be anybody. */
const speaksUnheard = ({ headers, ips = [] }: FastifyRequest): boolean =>
  ips.length < 2 && FORWARDED.some((name) => headers[name] !== undefined)

/** Whoever watches a busy process must not take it for a dead one. */
const ALWAYS = { config: { load: 'always' } } as const

const FORWARDED = ['x-forwarded-for', 'forwarded', 'x-real-ip'] as const

const NOT_ALLOWED = 'Figures are for this machine and the networks that METRICS_ALLOW names.\n'

function notesOf({ notes }: HealthOptions): { readonly notes?: readonly string[] } {
  const said = notes?.() ?? []
  return said.length === 0 ? {} : { notes: said }
}
