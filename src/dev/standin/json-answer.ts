import type { FastifyReply } from 'fastify'

/** Sends JSON as exactly `application/json`: with a charset added, Clerk's library would not parse it. */
export function sendJson(reply: FastifyReply, status: number, body: object): FastifyReply {
  return reply
    .code(status)
    .header('content-type', 'application/json')
    .send(Buffer.from(JSON.stringify(body)))
}

/** An error in the form of Clerk's backend API. */
export function sendError(reply: FastifyReply, status: number, code: string): FastifyReply {
  const message = code.replaceAll('_', ' ')
  return sendJson(reply, status, {
    errors: [{ message, long_message: message, code, meta: {} }],
    clerk_trace_id: 'standin',
  })
}
