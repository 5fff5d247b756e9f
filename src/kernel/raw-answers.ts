import type { Server, ServerResponse } from 'node:http'
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { securityHeaders } from './security-headers.ts'

/** For what no hook of Fastify sees. */
const HEADERS = securityHeaders()

/**
 * Answers what Node's parser refuses (malformed: 400, too slow: 408, headers too large: 431), as Fastify does by
 * default but with the security headers, and ends the connection.
 */
export function answerUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  if (socket.writable) socket.write(rawAnswer(statusOf(error)))
  socket.destroy(error)
}

/**
 * The two answers that Node and Fastify give past every hook: 417 to an `Expect` that is not `100-continue`, and 503 on
 * a connection that is still open while the server closes.
 */
export function coverOwnAnswers(server: Server): { readonly closing: () => void } {
  const cover = (response: ServerResponse): void => {
    for (const [name, value] of HEADERS) response.setHeader(name, value)
  }
  server.on('checkExpectation', (_request, response: ServerResponse) => {
    cover(response)
    response.writeHead(417, { 'content-length': '0' }).end()
  })
  return {
    closing: () => {
      server.prependListener('request', (_request, response) => cover(response))
    },
  }
}

function rawAnswer(status: number): string {
  const reason = STATUS_CODES[status] ?? ''
  const body = JSON.stringify({ error: reason, message: reason, statusCode: status })
  const lines = [
    `HTTP/1.1 ${status} ${reason}`,
    'connection: close',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    ...HEADERS.map(([name, value]) => `${name}: ${value}`),
  ]
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}

function statusOf({ code }: NodeJS.ErrnoException): number {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 408
  return code === 'HPE_HEADER_OVERFLOW' ? 431 : 400
}
