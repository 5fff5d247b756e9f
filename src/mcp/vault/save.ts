import type { FastifyReply, FastifyRequest } from 'fastify'
import type { EnvironmentClass } from '../../crypto/internal-api.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { exceededFields } from '../../kernel/rate-limit-fields.ts'
import { checkBaseUrl, type UrlProblem } from '../../maximo/egress/rules.ts'
import { recordAct, recordIntent, sendRefusal } from './answer.ts'
import type { VaultDeps } from './deps.ts'
import { addForm, replaceForm, typedForm } from './forms.ts'
import { isGuessable } from './guessable-key.ts'
import {
  addCredential,
  findCurrent,
  replaceCredential,
  type Current,
  type KeepRefusal,
  type NewCredential,
} from './keep-credential.ts'
import type { Typed } from './credential-fields.tsx'
import type { VaultOutcome } from './session.ts'
import { NOTHING_TYPED, required, showForm, showSaved } from './show.ts'
import { type CredentialContext, type CredentialProblem, readCredential } from './read-credential.ts'
import { type Found, testCredential, type TestRefusal, TESTS } from './test-credential.ts'
import type { Visit } from './visits.ts'

/** `address_…`: what is wrong with the address as typed, in the words of the egress rules. */
type SaveRefusal =
  | KeepRefusal
  | TestRefusal
  | CredentialProblem
  | 'form'
  | 'guessable'
  | 'done'
  | `address_${UrlProblem['reason']}`
type Saved = Extract<VaultOutcome, { state: 'saved' }>

/** What the form asks to save, checked as far as it can be without asking anybody. */
interface Asked {
  readonly label: string
  readonly credential: NewCredential
  /** Of a new environment. */
  readonly cls?: EnvironmentClass
  /** What it replaces; null for a new environment. */
  readonly current: Current | null
}

/** `POST /vault/save`: test, wrap, journal; only then the page that says so. */
export async function saveCredential(
  request: FastifyRequest,
  reply: FastifyReply,
  visit: Visit,
  deps: VaultDeps,
): Promise<FastifyReply> {
  const { session } = visit
  const saved = await deps.turns.run(session.environment?.id ?? session.take, () =>
    testAndKeep(request, visit, deps),
  )
  if (!saved.ok) {
    if (saved.error === 'done')
      return sendRefusal(reply, 409, { text: PROBLEMS.done, portalUrl: deps.portalUrl })
    const status = saved.error === 'too_many_tests' ? 429 : 422
    if (status === 429) reply.headers(exceededFields(TESTS, TESTS.windowS))
    const again = {
      status,
      typed: typedIn(request.body),
      problem: problemText(saved.error, request.body, deps),
    }
    return showForm(reply, visit, again, deps)
  }
  const { env, label, host } = saved.value
  return showSaved(reply, visit, { id: env, label, host }, deps)
}

async function testAndKeep(
  request: FastifyRequest,
  visit: Visit,
  deps: VaultDeps,
): Promise<Result<Saved, SaveRefusal>> {
  // A twin of this post may have come first: whether it is done is asked in turn.
  const isOpen = (await deps.visits.find(visit.secret))?.session.isDone === false
  const asked = isOpen ? await readAsked(request.body, visit, deps) : err('done' as const)
  const tested = asked.ok ? await test(request, visit, asked.value.credential, deps) : asked
  const fields = { eventType: 'credential.saved', operation: visit.session.purpose } as const
  if (tested.ok) await recordIntent(request, visit.session, fields, deps)
  const saved =
    asked.ok && tested.ok ? await keep(visit, asked.value, { ...deps, found: tested.value }) : tested
  if (!saved.ok) {
    const refused = { ...fields, outcome: 'refused', responseCode: 422, reason: saved.error } as const
    await recordAct(request, visit.session, refused, deps)
    return err(saved.error)
  }
  const outcome = saved.value as Saved
  const done = { outcome: 'success', responseCode: 200 } as const
  const where = { environmentId: outcome.env, masInstance: outcome.host }
  await recordAct(request, visit.session, { ...fields, ...done, ...where }, deps)
  return ok(outcome)
}

async function readAsked(body: unknown, visit: Visit, deps: VaultDeps): Promise<Result<Asked, SaveRefusal>> {
  return visit.session.purpose === 'add' ? readAdd(body, visit, deps) : readReplace(body, visit, deps)
}

function readAdd(body: unknown, visit: Visit, deps: VaultDeps): Result<Asked, SaveRefusal> {
  const read = addForm.safeParse(body)
  if (!read.success) return err('form')
  const address = checkBaseUrl(read.data.baseUrl, deps.egress.rules)
  if (!address.ok) return err(`address_${address.error.reason}` as const)
  const credential = readCredential(read.data, contextOf(visit, address.value.href, deps))
  return credential.ok
    ? ok({ label: read.data.label, cls: read.data.cls, credential: credential.value, current: null })
    : credential
}

/** A replacement keeps its address: a new host would carry the old trust to a place that nobody consented to. */
async function readReplace(
  body: unknown,
  visit: Visit,
  deps: VaultDeps,
): Promise<Result<Asked, SaveRefusal>> {
  const read = replaceForm.safeParse(body)
  if (!read.success) return err('form')
  const { sub, blob, environment } = visit.session
  const { id, label } = required(environment)
  const current = await findCurrent({ sub, env: id }, blob, deps)
  if (!current.ok) return current
  const credential = readCredential(read.data, contextOf(visit, current.value.content.c.u, deps))
  return credential.ok ? ok({ label, credential: credential.value, current: current.value }) : credential
}

const contextOf = ({ session }: Visit, baseUrl: string, { egress }: VaultDeps): CredentialContext => ({
  baseUrl,
  owner: session.sub,
  rules: egress.rules,
  trust: egress.trust,
})

async function test(
  request: FastifyRequest,
  { session }: Visit,
  environment: NewCredential,
  deps: VaultDeps,
): Promise<Result<Found, TestRefusal>> {
  const tested = await testCredential({ subject: session.sub, environment, correlationId: request.id }, deps)
  const fields = { eventType: 'vault.tested', operation: session.purpose } as const
  const masInstance = new URL(environment.baseUrl).host
  const outcome = tested.ok
    ? ({ outcome: 'success', responseCode: 200 } as const)
    : ({ outcome: 'refused', responseCode: 422, reason: tested.error } as const)
  await recordAct(request, session, { ...fields, ...outcome, masInstance }, deps)
  return tested
}

/** A key that works and could be guessed works for whoever guesses it, too. */
async function keep(
  visit: Visit,
  asked: Asked,
  deps: VaultDeps & { readonly found: Found },
): Promise<Result<Saved, SaveRefusal>> {
  const { session } = visit
  const { label, current, cls } = asked
  const { credential, isAdministrator } = deps.found
  if (credential.method === 'apikey' && isGuessable(credential.credential.reveal())) return err('guessable')
  const told = { admin: isAdministrator, ...(cls === undefined ? {} : { cls }) }
  const saved =
    current === null
      ? await addCredential({ sub: session.sub, label, credential, told }, deps)
      : await replaceCredential(
          {
            owned: { sub: session.sub, env: required(session.environment).id },
            ...{ label, credential, current, told },
          },
          deps,
        )
  if (!saved.ok) return saved
  await deps.visits.settle(session, saved.value)
  await deps.visits.keep({ ...visit, session: { ...session, isDone: true } })
  return saved
}

/** What to show in the form again. Anything odd is left empty, and the key always is. */
function typedIn(body: unknown): Typed {
  const shown = typedForm.safeParse(body)
  return shown.success ? shown.data : NOTHING_TYPED
}

/** A refused address is explained by whoever refused it; its sentences are ours and repeat nothing that was typed. */
function problemText(refusal: SaveRefusal, body: unknown, { egress }: VaultDeps): string {
  if (!isAddressRefusal(refusal)) return PROBLEMS[refusal]
  const address = checkBaseUrl(typedIn(body).baseUrl, egress.rules)
  return address.ok ? PROBLEMS.form : address.error.message
}

type AddressRefusal = Extract<SaveRefusal, `address_${string}`>
const isAddressRefusal = (refusal: SaveRefusal): refusal is AddressRefusal => refusal.startsWith('address_')

const PROBLEMS: Record<Exclude<SaveRefusal, AddressRefusal>, string> = {
  form: 'Please fill in every field. Names may have 60 characters, addresses 255, keys 400.',
  key: 'Something that this way to sign in needs is missing, or holds characters that Maximo cannot read.',
  token_url:
    'The address of the token endpoint must be whole, like https://login.example.com/oauth/token, and one that your operator allows.',
  certificate: 'Choose a client certificate that is offered for the host of this address, or none.',
  guessable:
    'Maximo accepts this key, but it can be guessed: it is made of words and numbers. Let Maximo generate one, and delete this one there. Nothing was saved.',
  too_many_tests: 'Too many tests. Wait ten minutes, then try again.',
  credential_rejected: 'Maximo answered, but did not accept this key. Nothing was saved.',
  not_reached:
    'Maximo could not be reached at this address, or what answered is not Maximo’s API. Nothing was saved.',
  done: 'This was saved already. Go back to the portal to see it.',
  too_long: 'Address and key are too long together.',
  blob_unreadable: 'The saved key of this environment cannot be read any more. Remove it and add it again.',
  environment_removed: 'This environment was removed.',
  nothing_to_settle: 'There is nothing to confirm or to take back.',
}
