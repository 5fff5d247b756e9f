import type { FastifyReply } from 'fastify'
import { certificatesFor } from '../../maximo/egress/host-trust.ts'
import type { VaultDeps } from './deps.ts'
import { sendPage } from './answer.ts'
import { ageInWords, ageOf } from './credential-age.ts'
import { VAULT_PATHS } from './forms.ts'
import type { Typed } from './credential-fields.tsx'
import { GrantsPage } from './grants-page.tsx'
import type { Frame } from './layout.tsx'
import { AddPage, RemovePage, ReplacePage, SavedPage, type SettleForms } from './pages.tsx'
import type { ShownEnvironment, VaultSession } from './session.ts'
import type { Visit } from './visits.ts'

type ShowDeps = Pick<VaultDeps, 'visits' | 'records' | 'clock' | 'portalUrl' | 'egress' | 'agePolicy'>

export const frameOf = ({ account }: VaultSession, { portalUrl }: Pick<VaultDeps, 'portalUrl'>): Frame => ({
  account,
  portalUrl,
})

/** The first page of a visit, and the same one again beside what was wrong with the form. */
export function showForm(
  reply: FastifyReply,
  visit: Visit,
  again: { readonly status: number; readonly typed: Typed; readonly problem: string | null },
  deps: ShowDeps,
): FastifyReply {
  const { purpose, environment } = visit.session
  const frame = frameOf(visit.session, deps)
  const certificates = certificatesFor(deps.egress.trust, visit.session.sub).map(({ host, certificate }) => ({
    host,
    name: certificate.name,
    thumbprint: certificate.thumbprint,
  }))
  const save = { frame, certificates, form: deps.visits.formToken(visit, VAULT_PATHS.save), ...again }
  switch (purpose) {
    case 'add':
      return sendPage(reply, again.status, AddPage(save))
    case 'replace': {
      const page = {
        ...save,
        environment: required(environment),
        settle: settleForms(visit, deps),
        about: about(visit, required(environment), deps),
      }
      return sendPage(reply, again.status, ReplacePage(page))
    }
    case 'remove': {
      const form = deps.visits.formToken(visit, VAULT_PATHS.remove)
      return sendPage(reply, again.status, RemovePage({ frame, form, environment: required(environment) }))
    }
    case 'grants':
      return showGrants(reply, visit.session, deps)
    case 'change':
      throw new Error('vault: a change has a page of its own')
  }
}

export function showSaved(
  reply: FastifyReply,
  visit: Visit,
  environment: ShownEnvironment,
  deps: ShowDeps,
): FastifyReply {
  const page = {
    frame: frameOf(visit.session, deps),
    environment,
    settle: settleForms(visit, deps),
    about: about(visit, environment, deps),
  }
  return sendPage(reply, 200, SavedPage(page))
}

/** The owner's grants as this server attested them, whatever the portal says. */
export function showGrants(reply: FastifyReply, session: VaultSession, deps: ShowDeps): FastifyReply {
  const { ledger } = deps.records
  const rows = ledger.grantsOf(session.sub).map((grant) => ({
    grant,
    environment: ledger.newestCredential({ sub: session.sub, env: grant.env })?.label ?? grant.env,
    madeAt: MINUTES.format(grant.at),
    isEnded: ledger.isEnded(grant),
  }))
  return sendPage(reply, 200, GrantsPage({ frame: frameOf(session, deps), rows }))
}

/** The forms for a replacement that waits to be confirmed, if one does. */
function settleForms(visit: Visit, { visits, records }: ShowDeps): SettleForms | null {
  const { sub, environment, purpose } = visit.session
  if (purpose !== 'replace' || environment === null) return null
  const saved = records.ledger.newestCredential({ sub, env: environment.id })
  if (saved === null || saved.previous === null) return null
  return {
    confirm: visits.formToken(visit, VAULT_PATHS.confirm),
    back: visits.formToken(visit, VAULT_PATHS.back),
  }
}

/** Nothing is known of a credential that only the portal keeps. */
function about(
  { session: { sub } }: Visit,
  { id: env }: ShownEnvironment,
  { records, clock, agePolicy }: ShowDeps,
): readonly string[] {
  const saved = records.ledger.newestCredential({ sub, env })
  if (saved === null) return []
  const age = ageInWords(ageOf(saved, agePolicy, clock.nowMs()))
  return saved.about.admin === true ? [age, ADMINISTRATOR] : [age]
}

const ADMINISTRATOR =
  'Its Maximo user is an administrator, by name or by what it may see: whoever gets hold of a connection can do far more there than the work that it was made for. Make a user with the rights that your work needs.'

/** A visit that concerns an environment was announced with one. */
export function required(environment: ShownEnvironment | null): ShownEnvironment {
  if (environment === null) throw new Error('vault: this visit names no environment')
  return environment
}

export const NOTHING_TYPED: Typed = {
  ...{ label: '', baseUrl: '', method: 'apikey', user: '', tokenUrl: '', clientId: '', scope: '' },
  certificate: '',
}

const MINUTES = new Intl.DateTimeFormat('en-CA', {
  dateStyle: 'short',
  timeStyle: 'short',
  hourCycle: 'h23',
  timeZone: 'UTC',
})
