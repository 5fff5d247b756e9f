import type { FastifyRequest } from 'fastify'

/**
 * The caller's place in a distributed trace: the header (W3C Trace Context §3.2), which a proxy may have written last, or
 * what an MCP client put into `_meta` (SEP-414). We record no span of our own, so it is passed on as it came; what is
 * not exactly of version 00's form is passed over.
 */
export function readTraceparent({ headers, body }: Pick<FastifyRequest, 'headers' | 'body'>): string | null {
  const said = headers['traceparent'] ?? memberOf(memberOf(memberOf(body, 'params'), '_meta'), 'traceparent')
  return typeof said === 'string' && TRACEPARENT.test(said) ? said : null
}

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined

/** Ids of zeros alone are none (§3.2.2.3, §3.2.2.4). */
const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/
