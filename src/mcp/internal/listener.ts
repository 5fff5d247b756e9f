import type { FastifyInstance } from 'fastify'
import {
  changesWaiting,
  credentialAges,
  grantAttest,
  grantDerive,
  grantStatus,
  headExchange,
  introspection,
  lastUses,
  machineAttest,
  planCap,
  planRecord,
  revocationAsk,
  vaultOpen,
  vaultTake,
} from '../../crypto/internal-api.ts'
import { accountUsage } from '../../crypto/account-usage.ts'
import { detectionsFound, noticedOf } from '../../crypto/detection.ts'
import { RefusalTally } from '../../audit/refusal-tally.ts'
import type { FailureLimiter } from '../../kernel/failure-limiter.ts'
import { err, ok } from '../../kernel/result.ts'
import type { GrantUses } from '../records/grant-uses.ts'
import { attestGrant } from './attest-grant.ts'
import { attestMachine, type AttestMachineDeps } from './attest-machine.ts'
import { refused } from './call-refusal.ts'
import { deriveGrant, type DeriveDeps } from './derive-grant.ts'
import { capPlan } from './cap-plan.ts'
import { type AgesDeps, findCredentialAges } from './credential-ages.ts'
import { findWaiting } from './find-waiting.ts'
import { findUsage, type UsageDeps } from './find-usage.ts'
import { findGrantStatus } from './grant-status.ts'
import { introspect, type IntrospectDeps } from './introspect.ts'
import { journalCopyRoute, journalFetchRoute } from './journals.ts'
import { openVault, takeFromVault, type OpenVaultDeps } from './open-vault.ts'
import type { AttestDeps } from './prove-attestation.ts'
import { recordPlan } from './record-plan.ts'
import { revoke, type RevokeDeps } from './revoke.ts'
import { openSignedRoute, type SignedRoute, type SignedRouteDeps } from './signed-route.ts'
import { proveLiveSession } from './use-once.ts'

export type InternalDeps = SignedRouteDeps &
  AttestDeps &
  AttestMachineDeps &
  DeriveDeps &
  IntrospectDeps & {
    readonly strangers: FailureLimiter
    readonly uses: Pick<GrantUses, 'find'>
  } & OpenVaultDeps &
  RevokeDeps &
  AgesDeps &
  UsageDeps

/** Everything that portal, operator and peers may ask of this server (`crypto/internal-api.ts`), and nothing else. */
export function registerInternal(app: FastifyInstance, given: Omit<InternalDeps, 'unsigned'>): void {
  const { audit, clock, log } = given
  const unsigned = new RefusalTally({ audit, clock, log, resource: 'internal' })
  app.addHook('onClose', () => unsigned.close())
  const deps = { ...given, unsigned }
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/jose', { parseAs: 'string' }, (_request, body, done) => {
    done(null, body)
  })
  openSignedRoute(
    app,
    { endpoint: grantAttest, eventType: 'grant.attested', act: (ask) => attestGrant(ask, deps) },
    deps,
  )
  openSignedRoute(
    app,
    {
      endpoint: grantStatus,
      eventType: 'grant.status',
      act: (ask) => findGrantStatus(ask, deps.records),
    },
    deps,
  )
  openSignedRoute(
    app,
    { endpoint: machineAttest, eventType: 'grant.attested', act: (ask) => attestMachine(ask, deps) },
    deps,
  )
  openSignedRoute(app, derivationRoute(deps), deps)
  openSignedRoute(app, lastUseRoute(deps), deps)
  openSignedRoute(app, introspectionRoute(deps), deps)
  openSignedRoute(app, revocationRoute(deps), deps)
  registerAccounts(app, deps)
  openSignedRoute(
    app,
    { endpoint: vaultOpen, eventType: 'vault.opened', act: (ask) => openVault(ask, deps) },
    deps,
  )
  openSignedRoute(
    app,
    { endpoint: vaultTake, eventType: 'internal.call', act: (ask) => takeFromVault(ask, deps) },
    deps,
  )
  openSignedRoute(app, headRoute(deps), deps)
  openSignedRoute(app, journalCopyRoute(deps), deps)
  openSignedRoute(app, journalFetchRoute(deps), deps)
}

/** What concerns a person and not a grant. */
function registerAccounts(app: FastifyInstance, deps: InternalDeps): void {
  openSignedRoute(app, planRoute(deps), deps)
  openSignedRoute(app, capRoute(deps), deps)
  openSignedRoute(app, agesRoute(deps), deps)
  openSignedRoute(app, detectionsRoute(deps), deps)
  openSignedRoute(app, changesRoute(deps), deps)
  openSignedRoute(app, usageRoute(deps), deps)
}

/** A guess at a machine client's proof, however it reached the portal, costs a bounded part of the log. */
const derivationRoute = (deps: InternalDeps): SignedRoute<typeof grantDerive> => ({
  endpoint: grantDerive,
  eventType: 'grant.derived',
  strangers: deps.strangers,
  act: (ask) => deriveGrant(ask, deps),
})

/** For the operator: the portal issues tokens, and has no business asking what one says. */
const introspectionRoute = (deps: InternalDeps): SignedRoute<typeof introspection> => ({
  endpoint: introspection,
  eventType: 'token.introspected',
  callers: ['operator'],
  load: 'read',
  act: (ask) => introspect(ask, deps),
})

/** Ends what it names even while the store is silent: the journal has it, and that is what counts in the end. */
const revocationRoute = (deps: InternalDeps): SignedRoute<typeof revocationAsk> => ({
  endpoint: revocationAsk,
  eventType: 'revocation.recorded',
  callers: ['portal', 'operator'],
  isRepeatable: true,
  load: 'revocation',
  act: (ask, { caller }) => revoke(ask, caller, deps),
})

const lastUseRoute = ({ uses }: InternalDeps): SignedRoute<typeof lastUses> => ({
  endpoint: lastUses,
  eventType: 'internal.call',
  load: 'read',
  act: async ({ sub, gids }) =>
    ok({ answer: { uses: [...(await uses.find(sub, gids))] }, event: { principal: sub } }),
})

const planRoute = (deps: InternalDeps): SignedRoute<typeof planRecord> => ({
  endpoint: planRecord,
  eventType: 'plan.recorded',
  act: async (ask) => {
    const session = await proveLiveSession('plan', ask, deps)
    if (!session.ok) return session
    await recordPlan(session.value, deps.records)
    return ok({ answer: { state: 'recorded' }, event: { principal: session.value.sub } })
  },
})

const agesRoute = (deps: InternalDeps): SignedRoute<typeof credentialAges> => ({
  endpoint: credentialAges,
  eventType: 'internal.call',
  load: 'read',
  act: (ask) => Promise.resolve(findCredentialAges(ask, deps)),
})

const detectionsRoute = ({ records }: InternalDeps): SignedRoute<typeof detectionsFound> => ({
  endpoint: detectionsFound,
  eventType: 'internal.call',
  act: ({ sub }) => {
    const kept = records.ledger.detections.of(sub)
    const answer = { detections: noticedOf(kept.detections) }
    return Promise.resolve(ok({ answer, event: { principal: sub } }))
  },
})

const changesRoute = ({ changes }: InternalDeps): SignedRoute<typeof changesWaiting> => ({
  endpoint: changesWaiting,
  eventType: 'internal.call',
  load: 'read',
  act: async ({ sub }) => {
    const waiting = await findWaiting(sub, changes)
    return ok({ answer: { changes: waiting }, event: { principal: sub } })
  },
})

const usageRoute = (deps: InternalDeps): SignedRoute<typeof accountUsage> => ({
  endpoint: accountUsage,
  eventType: 'internal.call',
  load: 'read',
  act: (ask) => findUsage(ask, deps),
})

const capRoute = (deps: InternalDeps): SignedRoute<typeof planCap> => ({
  endpoint: planCap,
  eventType: 'plan.recorded',
  act: (ask) => capPlan(ask, deps),
})

/** Each service keeps the other's audit head, so that a log whose tail was cut is found out. */
const headRoute = ({ audit }: InternalDeps): SignedRoute<typeof headExchange> => ({
  endpoint: headExchange,
  eventType: 'internal.call',
  act: async ({ head }) => {
    const accepted = await audit.acceptHead(head)
    return accepted.ok ? ok({ answer: { head: await audit.head() } }) : err(refused(accepted.error))
  },
})
