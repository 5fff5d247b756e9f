import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { PRESETS, readObjects, writeRules, type ObjectsAsked } from '../../crypto/restrictions.ts'
import { nowSeconds } from '../../kernel/clock.ts'
import { randomId } from '../../kernel/random.ts'
import type { Account, Environment } from '../clerk/environments.ts'
import { readFields } from '../fields.ts'
import { formToken, isFormTokenValid, isFromHere, markBrowser } from '../form-guard.ts'
import { sendHtml } from '../page-scope.tsx'
import { formSession, pageSession } from '../page-session.ts'
import type { AutomationToken, Connections } from '../records/connections.ts'
import { NEVER_S } from '../records/entries.ts'
import type { SignedIn } from '../session/session-state.ts'
import { foreignFormPage } from '../ui/session-pages.tsx'
import { formUsedPage, rotateFormPage, tokenUnknownPage } from '../ui/token-pages.tsx'
import { askToSignInAgain } from './again-route.ts'
import { answerFailure, answerMade, PORTAL_CLIENT, type TokenRouteDeps } from './answers.ts'
import { findDraft, isDraftId, isFreshSignIn } from './fresh-sign-in.ts'
import { makeToken } from './make-token.ts'
import type { TokenWish } from './token-wish.ts'
import { useFormOnce } from './use-form.ts'

/** How long the old token goes on beside the new one. */
const OVERLAPS = [
  { value: '0', seconds: 0, words: 'at once' },
  { value: '1h', seconds: 3_600, words: 'in one hour' },
  { value: '24h', seconds: 86_400, words: 'in 24 hours' },
  { value: '7d', seconds: 604_800, words: 'in 7 days' },
] as const
const DEFAULT_OVERLAP = '24h'

/** `GET /tokens/rotate?gid=…` and `POST /tokens/rotate`: a new token with the rights of an old one, which then ends. */
export function rotateTokenRoutes(app: FastifyInstance, deps: TokenRouteDeps): void {
  app.get('/tokens/rotate', async (request, reply) => {
    const session = await pageSession(request, reply, deps)
    if (session === null) return reply
    const query = readFields(request.query)
    const asked = (name: string): string | undefined => (query.ok ? query.value.find(name) : undefined)
    const path = '/tokens/rotate' as const
    const draft = new Map(await findDraft(asked('draft'), { userId: session.userId, path }, deps.store))
    const found = await findRotation(draft.get('gid') ?? asked('gid'), { ...deps, session })
    if (found === null) return sendHtml(reply, 404, tokenUnknownPage(request.id))
    const mark = markBrowser(request, reply)
    const id = randomId()
    const page = rotateFormPage({
      account: found.account.email,
      name: found.token.clientName,
      environment: found.environment.label,
      hidden: {
        form: formToken(`token:${id}`, { owner: session, mark }, deps.keys),
        id,
        gid: found.token.gid,
      },
      overlaps: OVERLAPS,
      chosen: draft.get('overlap') ?? DEFAULT_OVERLAP,
    })
    return sendHtml(reply, 200, page)
  })
  app.post('/tokens/rotate', async (request, reply) => {
    if (!isFromHere(request, deps.config)) return sendHtml(reply, 403, foreignFormPage(request.id))
    const session = await formSession(request, reply, deps)
    return session === null ? reply : rotate(request, reply, { ...deps, session })
  })
}

interface Rotation {
  readonly account: Account
  readonly environment: Environment
  readonly token: AutomationToken
}

/** Somebody else's token is as unknown as one that ended or never was. */
async function findRotation(
  gid: string | undefined,
  { session, accounts, records }: TokenRouteDeps & { readonly session: SignedIn },
): Promise<Rotation | null> {
  const token = liveToken(records.connections, gid ?? '')
  if (token?.sub !== session.userId) return null
  const account = await accounts.findAccount(session.userId)
  const environment = account?.environments.find(({ env }) => env === token.env)
  return account === null || environment === undefined ? null : { account, environment, token }
}

function liveToken(connections: Connections, gid: string): AutomationToken | null {
  const token = connections.findAutomation(gid)
  return token !== null && connections.isLive(token) ? token : null
}

async function rotate(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: TokenRouteDeps & { readonly session: SignedIn },
): Promise<FastifyReply> {
  const { session, clock } = deps
  const read = readFields(request.body)
  const field = (name: string): string | undefined => (read.ok ? read.value.find(name) : undefined)
  const id = field('id')
  const owned = { request, purpose: `token:${id ?? ''}`, owner: session } as const
  if (!isDraftId(id) || !isFormTokenValid(field('form'), owned, deps.keys))
    return sendHtml(reply, 403, foreignFormPage(request.id))
  if (!isFreshSignIn(session)) return askToSignInAgain(request, reply, { ...deps, path: '/tokens/rotate' })
  const found = await findRotation(field('gid'), deps)
  const overlap = OVERLAPS.find(({ value }) => value === field('overlap'))
  if (found === null || overlap === undefined) return sendHtml(reply, 404, tokenUnknownPage(request.id))
  if (!(await useFormOnce(id, deps.store))) return sendHtml(reply, 410, formUsedPage(request.id))
  const { account, environment, token } = found
  const wish = wishOf(token)
  const client = PORTAL_CLIENT(deps.config)
  const replaces = { gid: token.gid, untilS: Math.min(token.maxS, nowSeconds(clock) + overlap.seconds) }
  const made = await makeToken({ wish, session, environment, transaction: id, client, replaces }, deps)
  const said = { ...deps, account, environment, wish, cid: client.cid, operation: 'rotate' }
  if (!made.ok) return answerFailure(request, reply, { ...said, failure: made.error })
  const former = `The old token ends ${overlap.words}.`
  return answerMade(request, reply, { ...said, made: made.value, former })
}

/** The same again; a preset in the version that is the newest now, and a life as long as the old one had. */
function wishOf({ ci, clientName, env, scp, madeMs, madeForS }: AutomationToken): TokenWish {
  const lifeS = madeForS - Math.floor(madeMs / 1000)
  return {
    ...{ name: clientName, env, scp, prf: ci.prf, rsk: ci.rsk },
    lifeDays: madeForS === NEVER_S ? null : Math.max(1, Math.round(lifeS / DAY_S)),
    ...(ci.obj === undefined ? {} : { obj: askedAgain(ci.obj) }),
    ...(ci.net === undefined ? {} : { net: ci.net }),
  }
}

function askedAgain(code: string): ObjectsAsked {
  const fixed = readObjects(code)
  if (fixed.kind === 'own') return writeRules(fixed.rules)
  return PRESETS.find((preset) => preset === fixed.preset) ?? fixed.preset
}

const DAY_S = 86_400
