import { setTimeout as delay } from 'node:timers/promises'
import type { FastifyReply } from 'fastify'
import { BmxError } from '../errors.ts'
import type { Fault } from '../faults.ts'

const LOGIN_PAGE =
  '<!DOCTYPE html><html><head><title>Sign in</title></head><body><form action="j_security_check"></form></body></html>'

/**
 * Plays a fault that replaces the answer. Resolves `true` when the request is over.
 *
 * @throws BmxError for admin mode, which answers like any other refusal.
 */
export async function playBefore(fault: Fault, reply: FastifyReply): Promise<boolean> {
  switch (fault.kind) {
    case 'latency':
      await delay(fault.ms)
      return false
    case 'html-error':
      return html(
        reply,
        fault.status,
        `<html><body><h1>${fault.status}</h1>upstream connect error</body></html>`,
      )
    case 'login-page':
      return html(reply, 200, LOGIN_PAGE)
    case 'redirect':
      await reply.code(302).header('location', fault.location).send()
      return true
    case 'too-many-requests':
      if (fault.retryAfter !== null) reply.header('retry-after', fault.retryAfter)
      return html(reply, 429, '<html><body>Too many requests</body></html>')
    case 'unavailable':
      if (fault.retryAfter !== null) reply.header('retry-after', fault.retryAfter)
      return html(reply, 503, '<html><body>Service unavailable</body></html>')
    case 'bmx-error':
      throw new BmxError(fault.status, fault.code, fault.text)
    case 'admin-mode':
      throw new BmxError(400, 'BMXAA0578E', 'The system is in administration mode. Try again later.')
    case 'silence':
      reply.hijack()
      return true
    case 'reset':
      await delay(fault.afterMs ?? 0)
      return fault.when === 'before-answer' ? reset(reply) : false
    case 'truncated-json':
    case 'huge-body':
    case 'content-type':
    case 'bad-utf8':
    case 'foreign-next-page':
    case 'next-page-loop':
    case 'wrong-total':
    case 'error-in-200':
      return false
  }
}

async function html(reply: FastifyReply, status: number, page: string): Promise<true> {
  await reply.code(status).header('content-type', 'text/html;charset=UTF-8').send(page)
  return true
}

/** The line is cut before any byte of an answer. */
export function reset(reply: FastifyReply): true {
  reply.hijack()
  reply.raw.socket?.resetAndDestroy()
  return true
}
