import type { FastifyRequest } from 'fastify'
import { err, ok, type Result } from '../../kernel/result.ts'
import type { Refusal } from './refusal.ts'

export interface OriginPolicy {
  /** `PUBLIC_MCP_URL`: an origin, as browsers write it. */
  readonly publicUrl: string
  /** Origins of browser-based clients that may call. */
  readonly allowedOrigins: readonly string[]
}

/**
 * Keeps web pages out (MCP: `Origin` MUST be validated). Clients that are no browser send none. A `Host` that is neither
 * ours nor this machine's loopback name is how a rebound DNS name shows itself.
 */
export function checkRequestOrigin(request: FastifyRequest, policy: OriginPolicy): Result<void, Refusal> {
  const { origin, host } = request.headers
  if (host === undefined || !isOurHost(host, policy)) return err({ reason: 'host_refused' })
  if (origin === undefined) return ok(undefined)
  const allowed = origin === policy.publicUrl || policy.allowedOrigins.includes(origin)
  return allowed ? ok(undefined) : err({ reason: 'origin_refused' })
}

const isOurHost = (host: string, policy: OriginPolicy): boolean =>
  policy.publicUrl.endsWith(`://${host.toLowerCase()}`) || LOOPBACK_HOST.test(host)

const LOOPBACK_HOST = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/i
