import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Account } from '../clerk/environments.ts'
import type { PortalDeps } from '../deps.ts'
import { accountGonePage } from '../environments/pages.tsx'
import { isFormTokenValid, isFromHere } from '../form-guard.ts'
import { sendHtml } from '../page-scope.tsx'
import { formSession } from '../page-session.ts'
import type { GuardDeps } from '../session/answers.ts'
import { isFreshSignIn } from '../tokens/fresh-sign-in.ts'
import type { SignedIn } from '../session/session-state.ts'
import { foreignFormPage } from '../ui/session-pages.tsx'
import { NEW_MACHINE_PATH, signInAgainPage } from './pages.tsx'
import { readTyped, type Typed } from './read-form.ts'

export type MachineRouteDeps = PortalDeps & { readonly guard: GuardDeps }

/** Evidence that a form is ours, of this browser, and of an owner who signed in just now. */
export interface Posted {
  readonly session: SignedIn
  readonly account: Account
  readonly typed: Typed
}

/** The way into every change of a machine client. `null`: answered already. */
export async function postedForm(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: MachineRouteDeps,
): Promise<Posted | null> {
  const refuse = async (status: number, html: string): Promise<null> => {
    await sendHtml(reply, status, html)
    return null
  }
  if (!isFromHere(request, deps.config)) return refuse(403, foreignFormPage(request.id))
  const session = await formSession(request, reply, deps)
  if (session === null) return null
  const typed = readTyped(request.body)
  const asked = { request, purpose: 'pages', owner: session } as const
  if (typed === null || !isFormTokenValid(typed['form'], asked, deps.keys))
    return refuse(403, foreignFormPage(request.id))
  const account = await deps.accounts.findAccount(session.userId)
  if (account === null) return refuse(403, accountGonePage(request))
  if (!isFreshSignIn(session)) return refuse(403, signInAgainPage(account.email, NEW_MACHINE_PATH))
  return { session, account, typed }
}
