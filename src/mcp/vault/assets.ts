import type { FastifyInstance } from 'fastify'
import { ICON, STYLESHEET } from '../../kernel/look.ts'
import { VAULT_PATHS } from './forms.ts'

/** The stylesheet, whose address changes with its content, and the icon. */
export function vaultAssets(app: FastifyInstance): void {
  app.get(VAULT_PATHS.style, async (_request, reply) =>
    reply
      .type('text/css; charset=utf-8')
      .header('cache-control', 'public, max-age=31536000, immutable')
      .send(STYLESHEET),
  )
  app.get(VAULT_PATHS.icon, async (_request, reply) =>
    reply.type('image/svg+xml').header('cache-control', 'public, max-age=86400').send(ICON),
  )
}
