import type { FastifyInstance } from 'fastify'
import { sha256Base64url } from '../../crypto/digest.ts'
import { ICON, STYLESHEET } from '../../kernel/look.ts'

const FOR_GOOD = 'public, max-age=31536000, immutable'

/** The address changes with the content, so browsers may keep it for good. */
export const STYLESHEET_PATH = `/assets/portal.${sha256Base64url(STYLESHEET).slice(0, 10)}.css`
export const ICON_PATH = '/assets/icon.svg'

/** The stylesheet and the icon. */
export function assetRoutes(app: FastifyInstance): void {
  app.get(STYLESHEET_PATH, async (_request, reply) =>
    reply.type('text/css; charset=utf-8').header('cache-control', FOR_GOOD).send(STYLESHEET),
  )
  for (const path of [ICON_PATH, '/favicon.ico'])
    app.get(path, async (_request, reply) =>
      reply.type('image/svg+xml').header('cache-control', 'public, max-age=86400').send(ICON),
    )
}
