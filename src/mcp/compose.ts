import { readFileSync } from 'node:fs'
import type { Audit } from '../audit/audit.ts'
import { subjectsOf } from '../audit/open-kept-audit.ts'
import type { Sinks } from '../audit/sinks/open-sinks.ts'
import type { Clock } from '../kernel/clock.ts'
import { FailureLimiter } from '../kernel/failure-limiter.ts'
import type { Traffic } from '../kernel/load/traffic.ts'
import type { Log } from '../kernel/log.ts'
import type { Metrics } from '../kernel/metrics.ts'
import { readServerTls } from '../kernel/tls-files.ts'
import type { Egress } from '../maximo/egress/egress.ts'
import { ReadCache } from '../maximo/read-cache.ts'
import { DecryptGate } from './admission/decrypt-gate.ts'
import type { ProveDeps } from './admission/prove-token.ts'
import { newerCredentials } from './admission/newer-credential.ts'
import { openAdmission } from './admission/open-admission.ts'
import type { Admission } from './admission/admission.ts'
import { objectRightsUnder } from './admission/object-rights.ts'
import type { Presets } from './admission/presets.ts'
import { effectivePlan, type Plans } from './admission/plans.ts'
import type { TokenCache } from './admission/token-cache.ts'
import type { InternalApp, ListenerOptions, PublicApp } from './app.ts'
import { Changes } from './changes/changes.ts'
import type { McpConfig } from './config.ts'
import type { CurrentKeys } from './current-keys.ts'
import type { ClerkSessions } from './internal/clerk-sessions.ts'
import { endOwnGrant } from './internal/end-own-grant.ts'
import { meteredAdmission } from './metrics/metered-admission.ts'
import { describeServer } from './metrics/server-figures.ts'
import type { Stores } from './open-stores.ts'
import { LivePolicy } from './live-policy.ts'
import { loadFieldPolicy, loadPresets } from './operator-files.ts'
import { Exports } from './exports/exports.ts'
import type { GrantUses } from './records/grant-uses.ts'
import type { Records } from './records/records.ts'
import { openMaximoClients, type MaximoClients } from './tools/run/clients.ts'
import { CATALOG } from './tools/catalog/catalog.ts'
import { ownRecords } from './tools/own/own-records.ts'
import type { FieldGuard } from './tools/fields/guard-for.ts'
import { pseudonymsUnder } from './tools/fields/shown-values.ts'
import type { Tool } from './tools/tool.ts'
import { keepReplaced } from './vault/keep-credential.ts'
import { Turns } from '../kernel/turns.ts'
import { RefusedCredentials } from './vault/refused-credentials.ts'
import { Visits } from './vault/visits.ts'
import type { WorkloadIssuers } from './workload/issuers.ts'

/** Everything that had to be opened. */
export interface Parts {
  readonly keys: CurrentKeys['get']
  readonly cache: TokenCache
  readonly metrics: Metrics
  readonly traffic: Traffic
  readonly stores: Stores
  readonly records: Records
  readonly uses: GrantUses
  readonly audit: Audit
  readonly sinks: Pick<Sinks, 'reasons' | 'notes'>
  readonly egress: Egress
  readonly clerk: ClerkSessions
  readonly workloads: WorkloadIssuers
  readonly clock: Clock
  readonly log: Log
  readonly catalog?: readonly Tool[]
  /** Whether this process is on its way out, and new work should go elsewhere. */
  readonly isClosing: () => boolean
}

export interface Composed {
  readonly publicApp: PublicApp
  readonly internalApp: InternalApp
  /** What is being sent to Maximo is waited for before the parts are closed. */
  readonly changes: Changes
  readonly clients: MaximoClients
  /** Plans and limits, which whoever starts the server has looked at now and then. */
  readonly policy: LivePolicy
}

/** Joins the parts into what the two listeners serve. @throws ConfigError on an operator's file that cannot be used */
export function composeMcp(config: McpConfig, parts: Parts): Composed {
  const { stores, cache } = parts
  const presets = loadPresets(config)
  const policy = new LivePolicy(config, { ...parts, instanceId: config.instanceId })
  const fields = fieldGuard(config, parts.keys)
  const refused = new RefusedCredentials(parts.clock)
  const { clients, changes } = openChanges(config, parts, { plans: policy.plans, fields, refused })
  const shared = {
    ...parts,
    changes,
    store: stores.store,
    visits: new Visits({ store: stores.store, keys: parts.keys, clock: parts.clock }),
    forget: cache.forget.bind(cache),
    ...{ agePolicy: config.agePolicy, refused, presets, plans: policy.plans },
    admissionStore: stores.admission,
  }
  const listener = listenerOf(config, parts, policy)
  const { mcpUrl, portalUrl } = config
  return {
    ...{ changes, clients, policy },
    publicApp: {
      ...listener,
      trustedProxies: config.trustedProxies,
      resource: { mcpUrl, portalUrl },
      vault: {
        ...shared,
        ...{ turns: new Turns(), mcpUrl, portalUrl },
        strangers: new FailureLimiter(config.failedAuth, parts.clock),
      },
      mcp: {
        ...mcpDeps(config, parts, policy),
        ...{ clients, changes, fields },
        exports: new Exports({ ...parts, store: stores.store }),
        admission: composeAdmission(config, parts, { presets, policy }),
      },
    },
    internalApp: {
      ...listener,
      tls: readTls(config),
      internal: {
        ...shared,
        portalUrl,
        tokens: { issuer: portalUrl, audience: `${mcpUrl}/mcp`, clock: parts.clock },
        audience: config.instanceId,
        strangers: new FailureLimiter(config.failedAuth, parts.clock),
      },
    },
  }
}

/** What both listeners tell the operator. */
function listenerOf(
  { metricsAllow }: McpConfig,
  parts: Parts,
  policy: LivePolicy,
): Omit<ListenerOptions, 'trustedProxies'> {
  const { log, metrics, records, sinks, stores, traffic } = parts
  const reasons = (): readonly string[] => reasonsOf(parts)
  describeServer(metrics, { ...parts, reasons })
  const notes = (): readonly string[] => [
    ...stores.remarks(),
    ...records.notes(),
    ...sinks.notes(),
    ...policy.notes(),
  ]
  return { log, metricsAllow, reasons, notes, metrics, traffic }
}

const reasonsOf = ({ stores, records, sinks, isClosing }: Parts): readonly string[] =>
  [
    ...[isClosing() ? 'closing' : null, stores.trouble()],
    ...[...records.unprimedReasons(), ...sinks.reasons()],
  ].filter((reason) => reason !== null)

function openChanges(
  config: McpConfig,
  { audit, egress, clock, log, keys, records, stores }: Parts,
  {
    plans,
    fields,
    refused,
  }: {
    readonly plans: Plans
    readonly fields: FieldGuard | undefined
    readonly refused: RefusedCredentials
  },
): Pick<Composed, 'clients' | 'changes'> {
  const clients = openMaximoClients({
    ...{ egress, clock, refused },
    readCache:
      config.readCacheMs === 0 ? undefined : new ReadCache({ clock, lifetimeMs: config.readCacheMs }),
    keepReplaced: (owned, credential) => keepReplaced(owned, credential, { records, keys }),
  })
  const changes = new Changes({
    ...{ audit, clock, log, keys, records, store: stores.store },
    instanceId: config.instanceId,
    maximoOf: (access) => clients.whole(access),
    trustedClients: new Set(config.elicitationClients),
    fields,
    approvalUrl: `${config.portalUrl}/changes`,
    secondApprovers: (plan, risk) => plans.secondApprovers(plan, risk),
  })
  return { clients, changes }
}

function mcpDeps(
  config: McpConfig,
  { audit, clock, log, keys, records, uses, stores, cache, traffic, catalog = CATALOG }: Parts,
  policy: LivePolicy,
): Omit<PublicApp['mcp'], 'admission' | 'clients' | 'changes' | 'exports' | 'fields'> {
  return {
    ...{ audit, clock, log, load: traffic.load },
    cursorKey: keys().local.active.derive('mx-cursor'),
    resource: `${config.mcpUrl}/mcp`,
    browserOrigins: config.allowedOrigins,
    version: VERSION,
    own: ownRecords({
      ...{ records, uses, clock },
      ...{ plans: policy.plans, limits: policy.limits, store: stores.admission },
      auditLog: { folder: config.folders.audit, instance: config.instanceId },
      nameInLog: nameInLog(config),
      endGrant: (gid, caller) =>
        endOwnGrant(gid, caller, {
          ...{ records, audit, clock, store: stores.store },
          forget: cache.forget.bind(cache),
        }),
    }),
    catalog: catalog.map((tool) => gated(tool, policy.plans)),
    revision: () => policy.revision,
  }
}

/** Pseudonyms stay the same until the server's own key is rotated. */
function fieldGuard(config: McpConfig, keys: Parts['keys']): FieldGuard | undefined {
  const policy = loadFieldPolicy(config)
  if (policy === undefined) return undefined
  return { policy, pseudonyms: pseudonymsUnder(keys().local.active.derive('mx-pseudonym')) }
}

/** Persons may stand in the audit log by pseudonyms. */
function nameInLog({ auditRetention, folders }: McpConfig): (subject: string) => Promise<string> {
  const subjects = subjectsOf(auditRetention, folders.subjects)
  return async (subject) => (await subjects?.find(subject))?.pseudonym ?? subject
}

/** A tool that needs the feature for which the operator's plans keep its set, as they stand when it is asked. */
const gated = (tool: Tool, plans: Plans): Tool => ({
  ...tool,
  get feature() {
    return plans.featureOf(tool.toolset) ?? tool.feature
  },
})

function composeAdmission(
  config: McpConfig,
  { keys, cache, metrics, stores, records, uses, audit, clock, log }: Parts,
  { presets, policy: { plans, limits } }: { readonly presets: Presets; readonly policy: LivePolicy },
): Admission {
  const gate: ProveDeps['gate'] = new DecryptGate(clock)
  metrics.gauge(
    'maximo_mcp_token_decryptions',
    'Operations with the private RSA key so far: what the token cache did not know and the pre-tag vouched for.',
    () => gate.begun,
  )
  const admission = openAdmission({
    ...{ keys, cache, uses, audit, clock, log },
    tokens: { issuer: config.portalUrl, audience: `${config.mcpUrl}/mcp` },
    gate,
    failures: new FailureLimiter(config.failedAuth, clock),
    strangers: new FailureLimiter(config.failedAuth, clock),
    origins: { publicUrl: config.mcpUrl, allowedOrigins: config.allowedOrigins },
    planOf: (receipt) => {
      const { ledger } = records
      return effectivePlan(ledger.findPlan(receipt.sub) ?? receipt, ledger.findCap(receipt.sub), plans)
    },
    objectRights: objectRightsUnder(presets),
    findEnd: (grantId) => records.ledger.findGrant(grantId)?.maxS ?? null,
    isPrimed: () => records.isPrimed(),
    store: stores.admission,
    requiredMarks: () => records.requiredMarks(),
    ...{ limits, plans },
    openNewer: newerCredentials(keys),
  })
  return meteredAdmission(admission, metrics, clock)
}

const readTls = ({ internal: { tls } }: McpConfig): InternalApp['tls'] =>
  tls === undefined ? undefined : readServerTls('MCP_INTERNAL_TLS', tls)

/** Of the package; two folders up from here in the source and in the build. */
const VERSION = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version
