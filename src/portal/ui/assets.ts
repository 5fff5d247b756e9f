import type { FastifyInstance } from 'fastify'
import { ICON, ICON_PATH, STYLESHEET, STYLESHEET_PATH } from './stylesheet.ts'

const FOR_GOOD = 'public, max-age=31536000, immutable'

/** The stylesheet, whose address changes with its content, and the icon. */
export function assetRoutes(app: FastifyInstance): void {
  app.get(STYLESHEET_PATH, async (_request, reply) =>
    reply.type('text/css; charset=utf-8').header('cache-control', FOR_GOOD).send(STYLESHEET),
  )
  for (const path of [ICON_PATH, '/favicon.ico'])
    app.get(path, async (_request, reply) =>
      reply.type('image/svg+xml').header('cache-control', 'public, max-age=86400').send(ICON),
    )
}
