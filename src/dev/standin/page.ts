import type { FastifyInstance, FastifyReply } from 'fastify'
import { STYLESHEET } from '../../kernel/look.ts'

const STYLESHEET_PATH = '/assets/standin.css'

export interface Page {
  readonly status: number
  /** HTML; its values escaped with {@link escapeHtml}. */
  readonly body: string
  /** Origins beside its own to which forms of the page may lead: Chromium also counts redirects after a form. */
  readonly formTargets?: readonly string[]
}

export function sendPage(reply: FastifyReply, page: Page): FastifyReply {
  const formAction = ["'self'", ...(page.formTargets ?? [])].join(' ')
  return reply
    .code(page.status)
    .headers({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': `default-src 'none'; style-src 'self'; form-action ${formAction}; frame-ancestors 'none'; base-uri 'none'`,
      'referrer-policy': 'strict-origin',
      'x-content-type-options': 'nosniff',
    })
    .send(documentOf(page.status === 200 ? 'Sign in' : 'Not possible', page.body))
}

/** The look of the other pages, so that a newcomer sees one product. */
export function pageAssets(app: FastifyInstance): void {
  app.get(STYLESHEET_PATH, async (_request, reply) =>
    reply.type('text/css; charset=utf-8').header('cache-control', 'no-store').send(STYLESHEET),
  )
}

const documentOf = (title: string, body: string): string => `<!doctype html><html lang="en"><head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} – Clerk stand-in</title><link rel="stylesheet" href="${STYLESHEET_PATH}"></head>
<body><header><div class="bar"><span class="brand">Clerk stand-in</span></div></header>
<main><h1>${title}</h1>${body}</main></body></html>`

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export const escapeHtml = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (char) => ESCAPES[char] ?? char)
