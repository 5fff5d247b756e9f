import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Load, Overloaded } from './load.ts'
import type { LoadClass } from './shedding.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * The class of a route's work. `always`: it is never turned away and costs next to nothing. `itself`: its handler asks,
     * since only the body says. Without it what reads is a read, and everything else a write.
     */
    load?: LoadClass | 'always' | 'itself'
  }
}

/**
 * Lets a route's work begin only while there is room for its class. The body was read by then: whoever sends one slowly
 * takes no room.
 */
export function admitWork(app: FastifyInstance, load: Load): void {
  // Fastify would log each one.
  app.setErrorHandler((error, _request, reply) => {
    if (!(error instanceof Overloaded)) throw error
    return reply.code(503).send({ error: 'overloaded', message: error.message })
  })
  app.addHook('onRoute', (route) => {
    const { handler } = route
    if (route.config?.load === 'always') return
    route.handler = function (request, reply) {
      const of = classOf(request)
      if (of === null) return handler.call(this, request, reply)
      const work = load.during(of, () => handler.call(this, request, reply))
      return work.catch((error: unknown) => {
        if (error instanceof Overloaded) reply.header('retry-after', error.retryAfterS)
        throw error
      })
    }
  })
}

/** The class of all routes that are registered on `scope` from here on, where they do not say their own. */
export function workAs(scope: FastifyInstance, of: LoadClass): void {
  scope.addHook('onRoute', (route) => {
    route.config = { load: of, ...route.config }
  })
}

function classOf({ routeOptions, method }: FastifyRequest): LoadClass | null {
  const { load } = routeOptions.config
  if (load === 'itself' || load === 'always') return null
  return load ?? (READING.has(method) ? 'read' : 'write')
}

const READING: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])
