import { Ending } from '../kernel/ending.ts'
import type { FastifyInstance } from 'fastify'
import type { Audit } from '../audit/audit.ts'
import { CircuitRecord } from '../audit/circuit-record.ts'
import { LateDetection } from '../audit/detection/late-detection.ts'
import { reloadRecorded } from '../audit/keys-reloaded.ts'
import { openLoad } from '../audit/load-record.ts'
import { openPeers } from '../crypto/peers.ts'
import { loadWorkloadIssuers } from '../crypto/workload-issuers.ts'
import { type Clock, systemClock } from '../kernel/clock.ts'
import { FailureLimiter } from '../kernel/failure-limiter.ts'
import { type Journal, openJournal } from '../kernel/journal.ts'
import type { Load } from '../kernel/load/load.ts'
import type { Traffic } from '../kernel/load/traffic.ts'
import { createLog, type Log } from '../kernel/log.ts'
import { Metrics } from '../kernel/metrics.ts'
import { openCopies } from '../kernel/peers/open-copies.ts'
import type { Running } from '../kernel/running.ts'
import { expectShortLives } from '../kernel/short-lives.ts'
import type { Store } from '../kernel/store/contract.ts'
import { buildPortal } from './app.ts'
import { type Background, repeat } from './background.ts'
import { createClerk } from './clerk/clerk-client.ts'
import { clerkConfig, clerkFormTargets } from './clerk/clerk-config.ts'
import { createAccounts } from './clerk/environments.ts'
import { createClients } from './clients/clients.ts'
import { createClientDocuments } from './clients/documents/client-documents.ts'
import { openRemoteDocuments, type RemoteOverrides } from './clients/documents/remote-json.ts'
import { PendingRegistrations } from './clients/pending-registrations.ts'
import { loadPreregistered } from './clients/preregistered.ts'
import { loadPortalConfig, type PortalConfig } from './config.ts'
import { CurrentKeys } from './current-keys.ts'
import type { PortalDeps } from './deps.ts'
import { type BesidePortal, detectBesidePortal } from './detection/beside-portal.ts'
import { createMcpCalls } from './mcp-calls.ts'
import { createNotices } from './notices/owner-notices.ts'
import { openAuditLog } from './open-audit.ts'
import { openStore } from './open-store.ts'
import { createOwners } from './owners.ts'
import { buildPeerListener } from './peers/listener.ts'
import { openPortalRecords, type PortalRecords } from './records/records.ts'
import { createRevocations } from './revoke/revocations.ts'
import { createSessions } from './session/sessions.ts'
import { Traces } from './traces/traces.ts'

/** What a test may put in the place of the machine. */
export interface PortalOverrides {
  readonly clock?: Clock
  readonly store?: Store
  readonly log?: Log
  /** The network in which clients publish their documents. */
  readonly remote?: RemoteOverrides
}

export interface RunningPortal extends Running {
  /** What it works on at the moment. */
  readonly load: Load
}

/**
 * Starts the portal.
 *
 * @throws ConfigError, KeyFault, BrokenChain, or what the listener throws (a port that is taken); nothing stays open
 */
export async function startPortal(env: Env, overrides: PortalOverrides = {}): Promise<RunningPortal> {
  expectShortLives()
  const config = loadPortalConfig(env)
  const ending = new Ending()
  try {
    const { deps, audit } = await openDeps(config, { ...overrides, env, ending })
    await listenToPeers(config, deps, ending)
    const app = ending.hold(await buildPortal(deps), async (built) => built.close())
    await app.listen({ host: config.host, port: config.port })
    for (const job of startJobs(deps, audit)) ending.hold(job, async (running) => running.close())
    return {
      url: urlOf(app, config),
      load: deps.traffic.load,
      leave: async () => deps.traffic.leaving.begin(),
      close: () => ending.end(),
    }
  } catch (error) {
    // Whatever cannot be closed then would hide why it did not start.
    await ending.end().catch(() => undefined)
    throw error
  }
}

type Env = Readonly<Record<string, string | undefined>>
type Given = PortalOverrides & { readonly env: Env; readonly ending: Ending }
type Opening = Given & { readonly clock: Clock; readonly log: Log }

async function openDeps(config: PortalConfig, given: Given): Promise<{ deps: PortalDeps; audit: Audit }> {
  const {
    ending,
    clock = systemClock,
    log = createLog({ service: 'portal', level: config.logLevel }),
  } = given
  const opening = { ...given, clock, log }
  const preregistered = await loadPreregistered(config.clientsFile)
  const keys = await CurrentKeys.load(config.folders.keys, log)
  const metrics = ending.hold(new Metrics('portal'), async (open) => open.close())
  const circuit = new CircuitRecord({ metrics, log, instance: config.instanceId })
  const onCircuit = circuit.heard.bind(circuit)
  const opened = openStore(config.redis, { clock, log, onCircuit, given: given.store })
  const { store, storeHealth } = ending.hold(opened, async (open) => open.close())
  const journal = ending.hold(
    await openJournal({ folder: config.folders.journal, writer: config.instanceId, clock }),
    async (open) => open.close(),
  )
  const records = await openRecords(config, { ...opening, keys, journal, store })
  const pending = new PendingRegistrations(store)
  const documents = createClientDocuments({ remote: openRemoteDocuments(clock, given.remote), clock, log })
  const clients = createClients({ preregistered, documents, pending, records, clock })
  const detection = new LateDetection()
  const { audit, sinks } = await openAuditLog(config, {
    ...{ ...opening, keys, metrics, detection },
    closing: (closable) => ending.hold(closable, async (open) => open.close()),
  })
  reloadOnSignal(keys, { audit, instance: config.instanceId, log }, ending)
  circuit.writeTo(audit)
  await lookBeside(config, { ...opening, audit, records, store, metrics, detection })
  const traffic = openTraffic(config, { ...opening, metrics, audit })
  const traces = await openTraces(config, opening)
  const { internalServers: servers, internalCaFile: caFile } = config
  const calls = { ...{ servers, issuer: config.instanceId, caFile }, keys, clock, log }
  const mcp = ending.hold(createMcpCalls(calls), async (open) => open.close())
  const revocations = createRevocations({ records, mcp, log })
  const clerk = openClerk(config, opening)
  const strangers = new FailureLimiter(config.failedAuth, clock)
  const parts = { records, mcp, revocations, accounts: clerk.accounts, clock, log }
  return {
    deps: {
      ...{ config, clock, log, keys, store, storeHealth, records, clients, pending, audit, sinks, metrics },
      traffic,
      ...{ strangers, traces, mcp, revocations, ...clerk },
      ...{ owners: createOwners(parts), notices: createNotices(parts) },
      workloadIssuers: loadWorkloadIssuers(config.workloadIssuersFile),
    },
    audit,
  }
}

async function lookBeside(
  config: PortalConfig,
  { ending, detection, ...parts }: Opening & BesidePortal & { readonly detection: LateDetection },
): Promise<void> {
  const looking = await detectBesidePortal(config, parts)
  detection.begin(ending.hold(looking, (open) => open.close()))
}

async function openRecords(
  { folders, instanceId, peers: { servers }, internalCaFile: caFile }: PortalConfig,
  { ending, keys, clock, log, journal, store }: Opening & Own,
): Promise<PortalRecords> {
  const copies = await openCopies({ folder: folders.journal, own: instanceId, servers, clock })
  for (const copy of copies) ending.hold(copy, (open) => open.close())
  const { peers, close } = openPeers({
    ...{ servers, caFile, instanceId, clock, log },
    keys: () => keys.peer,
  })
  const records = await openPortalRecords({ journal, copies, peers, store, clock, log })
  ending.hold(records, (open) => open.recorder.close())
  // First of all: what waits for an answer of a peer would wait for it in vain.
  ending.hold(close, (end) => end())
  return records
}

interface Own {
  readonly keys: CurrentKeys
  readonly journal: Journal
  readonly store: Store
}

/** Where the other portals reach this one; nowhere while there are none. */
async function listenToPeers(
  { peers, instanceId }: PortalConfig,
  { keys, records, store, audit, traffic, clock, log }: PortalDeps,
  ending: Ending,
): Promise<void> {
  if (peers.servers.length === 0) return
  const { recorder } = records
  const listener = await buildPeerListener({
    ...{ instanceId, keys, recorder, store, audit, traffic, clock, log },
    tls: peers.tls,
  })
  ending.hold(listener, (open) => open.close())
  await listener.listen({ host: peers.host, port: peers.port })
}

/** On SIGHUP the keys are read again. */
function reloadOnSignal(
  keys: CurrentKeys,
  to: { readonly audit: Audit; readonly instance: string; readonly log: Log },
  ending: Ending,
): void {
  const reload = (): void => void reloadRecorded(async () => keys.reload(), to)
  process.on('SIGHUP', reload)
  ending.hold(reload, async () => Promise.resolve(process.off('SIGHUP', reload)))
}

function openClerk(
  config: PortalConfig,
  { clock, log }: Opening,
): Pick<PortalDeps, 'sessions' | 'accounts' | 'formTargets'> {
  const settings = clerkConfig(config.clerk)
  const clerk = createClerk(settings)
  return {
    sessions: createSessions({ clerk, publicOrigin: config.portalUrl, clock, log }),
    accounts: createAccounts({ clerk, log }),
    formTargets: clerkFormTargets(settings),
  }
}

function openTraffic(
  { traffic, instanceId: instance }: PortalConfig,
  { ending, ...parts }: Opening & Pick<PortalDeps, 'metrics' | 'audit'>,
): Traffic {
  return ending.hold(openLoad(traffic, { ...parts, instance }), async (open) => open.close())
}

async function openTraces(
  { folders, instanceId: instance }: PortalConfig,
  { ending, clock, log }: Opening,
): Promise<Traces> {
  const traces = await Traces.open({ folder: folders.traces, instance, clock, log })
  return ending.hold(traces, async (open) => open.close())
}

function startJobs(deps: PortalDeps, audit: Audit): Background[] {
  const { log, revocations, owners, traces } = deps
  return [
    repeat({ name: 'revocations', everyMs: 2_000, log, work: async () => revocations.retry() }),
    repeat({ name: 'owners', everyMs: 600_000, log, work: async () => owners.check() }),
    repeat({ name: 'traces', everyMs: 3_600_000, log, work: async () => traces.sweep() }),
    repeat({ name: 'audit heads', everyMs: 60_000, log, work: async () => exchangeHeads(deps, audit) }),
  ]
}

/** Each service keeps the other's signed head in its own log, so that a cut tail of either shows in the other. */
async function exchangeHeads({ mcp, log }: PortalDeps, audit: Audit): Promise<void> {
  const answer = await mcp.exchangeHead({ head: await audit.head() })
  if (!answer.ok) return
  const accepted = await audit.acceptHead(answer.value.head)
  if (!accepted.ok) log.error({ refusal: accepted.error }, 'the MCP server’s audit head was not accepted')
}

function urlOf(app: FastifyInstance, config: PortalConfig): string {
  const address = app.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : config.port
  return `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`
}
