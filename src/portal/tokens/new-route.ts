import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { randomId } from '../../kernel/random.ts'
import { GRANTABLE_SCOPES } from '../authorize/scopes.ts'
import type { Account } from '../clerk/environments.ts'
import { accountGonePage } from '../environments/pages.tsx'
import { type Fields, readFields } from '../fields.ts'
import { formToken, isFormTokenValid, isFromHere, markBrowser } from '../form-guard.ts'
import { sendHtml } from '../page-scope.tsx'
import { formSession, pageSession } from '../page-session.ts'
import type { SignedIn } from '../session/session-state.ts'
import { foreignFormPage } from '../ui/session-pages.tsx'
import { tokenFormPage } from '../ui/token-form-page.tsx'
import { formUsedPage } from '../ui/token-pages.tsx'
import { answerFailure, answerMade, PORTAL_CLIENT, type TokenRouteDeps } from './answers.ts'
import { askToSignInAgain } from './again-route.ts'
import { findDraft, isDraftId, isFreshSignIn } from './fresh-sign-in.ts'
import { makeToken } from './make-token.ts'
import { answerProgram, findProgram, type Program, programForm } from './program.ts'
import { LIVES_DAYS, readWish, scopeField, type TokenWish } from './token-wish.ts'
import { useFormOnce } from './use-form.ts'
import { TOO_LONG_PARTS } from './words.ts'

/** `GET /tokens/new` shows the form, `POST /tokens/new` makes the token: with a fresh sign-in, once per form. */
export function newTokenRoutes(app: FastifyInstance, deps: TokenRouteDeps): void {
  app.get('/tokens/new', async (request, reply) => {
    const session = await pageSession(request, reply, deps)
    if (session === null) return reply
    const account = await deps.accounts.findAccount(session.userId)
    if (account === null) return sendHtml(reply, 403, accountGonePage(request))
    const query = readFields(request.query)
    const asked = (name: string): string | undefined => (query.ok ? query.value.find(name) : undefined)
    const path = '/tokens/new' as const
    const draft = await findDraft(asked('draft'), { userId: session.userId, path }, deps.store)
    const values = new Map(draft ?? [...PROPOSED, ['txn', asked('txn') ?? '']])
    return show(request, reply, { ...deps, session, account, values })
  })
  app.post('/tokens/new', async (request, reply) => {
    if (!isFromHere(request, deps.config)) return sendHtml(reply, 403, foreignFormPage(request.id))
    const session = await formSession(request, reply, deps)
    return session === null ? reply : decide(request, reply, { ...deps, session })
  })
}

const PROPOSED = GRANTABLE_SCOPES.slice(0, 1).map(({ scope }) => [scopeField(scope), '1'] as [string, string])

interface Shown extends TokenRouteDeps {
  readonly session: SignedIn
  readonly account: Account
  readonly values: ReadonlyMap<string, string>
  readonly problems?: ReadonlyMap<string, string>
}

async function show(request: FastifyRequest, reply: FastifyReply, shown: Shown): Promise<FastifyReply> {
  const { session, account, values, problems = new Map<string, string>() } = shown
  const program = await findProgram(values.get('txn'), request, shown.store)
  if (program === 'gone') return sendHtml(reply, 410, formUsedPage(request.id))
  const mark = markBrowser(request, reply)
  const id = randomId()
  const hidden = {
    form: formToken(`token:${id}`, { owner: session, mark }, shown.keys),
    id,
    ...(program === null ? {} : { txn: program.id }),
  }
  const page = tokenFormPage({
    account: account.email,
    environments: account.environments,
    scopes: GRANTABLE_SCOPES.map((row) => ({ ...row, field: scopeField(row.scope) })),
    livesDays: LIVES_DAYS,
    ...{ values, problems, hidden },
    forProgram: program === null ? null : programForm(program, { session, mark, keys: shown.keys }),
  })
  return sendHtml(reply, problems.size === 0 ? 200 : 422, page)
}

interface Deciding extends TokenRouteDeps {
  readonly session: SignedIn
}

async function decide(request: FastifyRequest, reply: FastifyReply, deps: Deciding): Promise<FastifyReply> {
  const { session } = deps
  const read = readFields(request.body)
  const id = read.ok ? read.value.find('id') : undefined
  if (!read.ok || !isDraftId(id) || !isOwnForm(request, id, { ...deps, fields: read.value }))
    return sendHtml(reply, 403, foreignFormPage(request.id))
  const fields = read.value
  if (!isFreshSignIn(session)) return askToSignInAgain(request, reply, { ...deps, path: '/tokens/new' })
  const account = await deps.accounts.findAccount(session.userId)
  if (account === null) return sendHtml(reply, 403, accountGonePage(request))
  const shown = { ...deps, account, values: valuesOf(request.body) }
  const wish = readWish(fields)
  if (!wish.ok) return show(request, reply, { ...shown, problems: wish.error })
  const program = await findProgram(fields.find('txn'), request, deps.store)
  if (program === 'gone' || !(await useFormOnce(id, deps.store)))
    return sendHtml(reply, 410, formUsedPage(request.id))
  return make(request, reply, { ...shown, id, wish: wish.value, program })
}

const isOwnForm = (
  request: FastifyRequest,
  id: string,
  { session, keys, fields }: Deciding & { readonly fields: Fields },
): boolean => isFormTokenValid(fields.find('form'), { request, purpose: `token:${id}`, owner: session }, keys)

const valuesOf = (body: unknown): ReadonlyMap<string, string> =>
  new Map(Object.entries(body as Record<string, string>).filter(([, value]) => value !== ''))

interface Making extends Shown {
  readonly id: string
  readonly wish: TokenWish
  readonly program: Program | null
}

async function make(request: FastifyRequest, reply: FastifyReply, making: Making): Promise<FastifyReply> {
  const { account, wish, session, id, program } = making
  const environment = account.environments.find(({ env }) => env === wish.env)
  if (environment === undefined)
    return show(request, reply, {
      ...making,
      problems: new Map([['env', 'This environment is not in your account.']]),
    })
  const client = program?.client ?? PORTAL_CLIENT(making.config)
  const made = await makeToken({ wish, session, environment, transaction: id, client }, making)
  const said = { ...making, environment, cid: client.cid, operation: 'create' }
  if (made.ok)
    return program === null
      ? answerMade(request, reply, { ...said, made: made.value, former: null })
      : answerProgram(request, reply, { ...said, made: made.value, program })
  const part = made.error.reason === 'too_long' ? TOO_LONG_PARTS[made.error.part] : undefined
  if (part === undefined) return answerFailure(request, reply, { ...said, failure: made.error })
  const problem = `The token would be too long: ${part.words} take the most room. Shorten that and try again.`
  return show(request, reply, { ...making, problems: new Map([[part.field, problem]]) })
}
