import type { FastifyReply, FastifyRequest } from 'fastify'
import type { PortalDeps } from './deps.ts'
import { type Fields, readFields } from './fields.ts'
import { isFormTokenValid, isFromHere } from './form-guard.ts'
import { sendHtml } from './page-scope.tsx'
import type { GuardDeps } from './session/answers.ts'
import { requireSession } from './session/guard.ts'
import type { SignedIn } from './session/session-state.ts'
import { foreignFormPage } from './ui/session-pages.tsx'

/**
 * A post of a form on one of our own pages: sent from here, with a session, and with that page's token. `null`: it was
 * none, and is answered already.
 */
export async function ownForm(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: Pick<PortalDeps, 'config' | 'keys'> & { readonly guard: GuardDeps },
): Promise<{ readonly session: SignedIn; readonly fields: Fields } | null> {
  if (!isFromHere(request, deps.config)) return foreign(request, reply)
  const session = await requireSession(request, reply, deps.guard)
  if (session === null) return null
  const fields = readFields(request.body)
  const asked = { request, purpose: 'pages', owner: session } as const
  if (!fields.ok || !isFormTokenValid(fields.value.find('form'), asked, deps.keys))
    return foreign(request, reply)
  return { session, fields: fields.value }
}

async function foreign(request: FastifyRequest, reply: FastifyReply): Promise<null> {
  await sendHtml(reply, 403, foreignFormPage(request.id))
  return null
}
