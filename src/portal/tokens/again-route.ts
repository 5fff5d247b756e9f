import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { readFields } from '../fields.ts'
import { formToken, isFormTokenValid, isFromHere, markBrowser } from '../form-guard.ts'
import { sendHtml } from '../page-scope.tsx'
import { redirect, sendUnavailable, setCookies } from '../session/answers.ts'
import { formFields } from '../session/form-stash.ts'
import { requireSession } from '../session/guard.ts'
import type { SignedIn } from '../session/session-state.ts'
import { foreignFormPage } from '../ui/session-pages.tsx'
import { signInAgainPage } from '../ui/token-pages.tsx'
import type { TokenRouteDeps } from './answers.ts'
import { type Draft, isDraftId, keepDraft } from './fresh-sign-in.ts'

/** Keeps what was typed and offers to sign in again. Nothing was made. */
export async function askToSignInAgain(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: TokenRouteDeps & { readonly session: SignedIn; readonly path: Draft['path'] },
): Promise<FastifyReply> {
  const { session, path } = deps
  const fields = (formFields(request.body) ?? []).filter(([name]) => name !== 'form' && name !== 'id')
  const draft = await keepDraft({ userId: session.userId, path, fields }, deps.store)
  const account = await deps.accounts.findAccount(session.userId)
  const mark = markBrowser(request, reply)
  const page = signInAgainPage({
    account: account?.email ?? session.userId,
    draft: `${path} ${draft}`,
    formToken: formToken('pages', { owner: session, mark }, deps.keys),
  })
  return sendHtml(reply, 403, page)
}

/** `POST /tokens/sign-in-again`: ends the session at Clerk, so that its page asks for a proof, and leads back here. */
export function signInAgainRoute(app: FastifyInstance, deps: TokenRouteDeps): void {
  app.post('/tokens/sign-in-again', async (request, reply) => {
    if (!isFromHere(request, deps.config)) return sendHtml(reply, 403, foreignFormPage(request.id))
    const session = await requireSession(request, reply, deps.guard)
    if (session === null) return reply
    const fields = readFields(request.body)
    const asked = { request, purpose: 'pages', owner: session } as const
    const back = fields.ok ? backTo(fields.value.find('draft')) : null
    if (!fields.ok || back === null || !isFormTokenValid(fields.value.find('form'), asked, deps.keys))
      return sendHtml(reply, 403, foreignFormPage(request.id))
    const outcome = await deps.guard.sessions.signOut(request)
    if (outcome.state === 'unavailable') sendUnavailable(reply, deps.guard)
    else {
      setCookies(reply, outcome.cookies)
      redirect(reply, 303, deps.guard.sessions.signInUrl(request, back))
    }
    return reply
  })
}

/** The page that a draft belongs to: one of ours, by name. */
function backTo(text: string | undefined): string | null {
  const [path = '', draft] = (text ?? '').split(' ')
  return (path === '/tokens/new' || path === '/tokens/rotate') && isDraftId(draft)
    ? `${path}?draft=${draft}`
    : null
}
