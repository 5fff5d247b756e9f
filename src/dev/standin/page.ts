import type { FastifyReply } from 'fastify'

export interface Page {
  readonly status: number
  /** HTML; its values escaped with {@link escapeHtml}. */
  readonly body: string
  /** Origins beside its own to which forms of the page may lead: Chromium also counts redirects after a form. */
  readonly formTargets?: readonly string[]
}

export function sendPage(reply: FastifyReply, page: Page): FastifyReply {
  const title = page.status === 200 ? 'Sign in' : 'Not possible'
  const formAction = ["'self'", ...(page.formTargets ?? [])].join(' ')
  return reply
    .code(page.status)
    .headers({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': `default-src 'none'; form-action ${formAction}; frame-ancestors 'none'; base-uri 'none'`,
      'referrer-policy': 'strict-origin',
      'x-content-type-options': 'nosniff',
    })
    .send(
      `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title></head><body><main><h1>${title}</h1>${page.body}</main></body></html>`,
    )
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export const escapeHtml = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (char) => ESCAPES[char] ?? char)
