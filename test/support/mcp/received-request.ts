import fastify, { type FastifyRequest, type InjectOptions } from 'fastify'

export interface RequestReceiver {
  /** What a server makes of it: the request as handlers get it. */
  receive(sent: InjectOptions): Promise<FastifyRequest>
  /** The one received last. */
  last(): FastifyRequest
  close(): Promise<void>
}

/** A server that answers nothing and hands out what it receives. */
export function openRequestReceiver(): RequestReceiver {
  let last: FastifyRequest | undefined
  const app = fastify()
  app.post('/*', (request, reply) => {
    last = request
    return reply.send()
  })
  const received = (): FastifyRequest => {
    if (last === undefined) throw new Error('no request came')
    return last
  }
  return {
    async receive(sent) {
      last = undefined
      await app.inject({ method: 'POST', url: '/mcp', ...sent })
      return received()
    },
    last: received,
    close: () => app.close(),
  }
}
