import { Ending } from '../kernel/ending.ts'
import type { Audit, AuditOptions } from '../audit/audit.ts'
import { CircuitRecord } from '../audit/circuit-record.ts'
import { LateDetection } from '../audit/detection/late-detection.ts'
import type { AuditEvent } from '../audit/event.ts'
import { keepHeadsAbroad } from '../audit/heads-abroad.ts'
import { openLoad } from '../audit/load-record.ts'
import { reloadRecorded } from '../audit/keys-reloaded.ts'
import { meteredAudit } from '../audit/metered-audit.ts'
import { type KeptAudit, openKeptAudit } from '../audit/open-kept-audit.ts'
import { loadSinks, type SinkConfig } from '../audit/sinks/config.ts'
import { openSinks, type Sinks } from '../audit/sinks/open-sinks.ts'
import { signHead, verifyHead } from '../crypto/head-signature.ts'
import { openPeers } from '../crypto/peers.ts'
import { loadWorkloadIssuers } from '../crypto/workload-issuers.ts'
import { systemClock, type Clock } from '../kernel/clock.ts'
import { openJournal } from '../kernel/journal.ts'
import type { Load } from '../kernel/load/load.ts'
import type { Traffic } from '../kernel/load/traffic.ts'
import { createLog, type Log } from '../kernel/log.ts'
import { Metrics } from '../kernel/metrics.ts'
import type { Running } from '../kernel/running.ts'
import { openCopies } from '../kernel/peers/open-copies.ts'
import { expectShortLives } from '../kernel/short-lives.ts'
import type { MemoryStore } from '../kernel/store/memory-store.ts'
import { TokenCache } from './admission/token-cache.ts'
import { buildInternalApp, buildPublicApp } from './app.ts'
import { composeMcp, type Parts } from './compose.ts'
import { watchDoubts } from './changes/watch-doubts.ts'
import { loadMcpConfig, type McpConfig } from './config.ts'
import { loadCurrentKeys, type CurrentKeys } from './current-keys.ts'
import { detectBesideMcp } from './detection/beside-mcp.ts'
import { openClerkSessions } from './internal/clerk-sessions.ts'
import { openWorkloadIssuers } from './workload/issuers.ts'
import { toolCalls } from './metrics/tool-calls.ts'
import { openServerEgress } from './open-egress.ts'
import { openStores } from './open-stores.ts'
import { GrantUses } from './records/grant-uses.ts'
import { openRecords, type Records, type RecordsOptions } from './records/records.ts'
import type { Tool } from './tools/tool.ts'

export interface McpOverrides {
  /** The portal runs in the same process: its variables stand in the same environment. */
  readonly embedded?: boolean
  readonly clock?: Clock
  readonly log?: Log
  /** An in-process store to use instead of a new one, where no Redis is configured. */
  readonly store?: MemoryStore
  /** Tools instead of the catalog, for measurements. */
  readonly catalog?: readonly Tool[]
}

export interface RunningMcp extends Running {
  /** Origin of the internal listener. */
  readonly internalUrl: string
  /** What it works on at the moment. */
  readonly load: Load
  /** Both as SIGHUP does. */
  reloadKeys(): Promise<void>
  reloadPolicy(): Promise<void>
}

type Env = Readonly<Record<string, string | undefined>>

/**
 * Starts the MCP server: the public listener and the internal one. It is up before the store is, and answers `503`
 * until the store holds everything that the journal says.
 *
 * @throws ConfigError, KeyFault, BrokenChain: it must not run like this
 */
export async function startMcp(env: Env, overrides: McpOverrides = {}): Promise<RunningMcp> {
  expectShortLives()
  const config = loadMcpConfig(env, { embedded: overrides.embedded ?? false })
  const ending = new Ending()
  try {
    return await start(config, env, overrides, ending)
  } catch (error) {
    // Whatever cannot be closed then would hide why it did not start.
    await ending.end().catch(() => undefined)
    throw error
  }
}

async function start(
  config: McpConfig,
  env: Env,
  overrides: McpOverrides,
  ending: Ending,
): Promise<RunningMcp> {
  const clock = overrides.clock ?? systemClock
  const log = overrides.log ?? createLog({ service: 'mcp', level: config.logLevel })
  const cache = new TokenCache(clock)
  const keys = await loadCurrentKeys(config.folders.keys, { log, onChange: () => cache.clear() })
  const parts = await openParts(config, { env, overrides, clock, log, keys, cache, ending })
  const { publicApp, internalApp, changes, policy } = composeMcp(config, parts)
  ending.add(policy.watch())
  ending.add(() => changes.drain())
  ending.add(watchDoubts({ ...parts, changes }))

  const internal = await buildInternalApp(internalApp)
  ending.add(() => internal.close())
  const open = await buildPublicApp(publicApp)
  ending.add(() => open.close())
  const internalUrl = await internal.listen({ host: config.internal.host, port: config.internal.port })
  const url = await open.listen({ host: config.host, port: config.port })
  const reloadKeys = (): Promise<void> =>
    reloadRecorded(() => keys.reload(), { audit: parts.audit, instance: config.instanceId, log })
  const reload = (): void => {
    void reloadKeys()
    void policy.look(true)
  }
  process.on('SIGHUP', reload)
  ending.add(() => {
    process.off('SIGHUP', reload)
    return Promise.resolve()
  })
  log.info({ event: 'mcp.started', url, internalUrl, store: parts.stores.store.kind })
  return {
    ...{ url, internalUrl, load: parts.traffic.load, reloadKeys },
    reloadPolicy: () => policy.look(true),
    leave: () => parts.traffic.leaving.begin(),
    close: () => ending.end(),
  }
}

interface Opening {
  readonly env: Env
  readonly overrides: McpOverrides
  readonly clock: Clock
  readonly log: Log
  readonly keys: CurrentKeys
  readonly cache: TokenCache
  readonly ending: Ending
}

async function openParts(config: McpConfig, opening: Opening): Promise<Parts> {
  const { overrides, clock, log, keys, cache, ending } = opening
  const { folders, instanceId } = config
  const memory = overrides.store === undefined ? {} : { memory: overrides.store }
  const metrics = new Metrics('mcp')
  ending.add(() => metrics.close())
  const circuit = new CircuitRecord({ metrics, log, instance: instanceId })
  const onCircuit = circuit.heard.bind(circuit)
  const stores = openStores(config.redis, { clock, log, onCircuit, ...memory })
  ending.add(stores.close)
  const journal = await openJournal({ folder: folders.journal, writer: instanceId, clock })
  ending.add(() => journal.close())
  const detection = new LateDetection()
  const { audit, sinks } = await openAuditLog(config, opening, { metrics, detection })
  circuit.writeTo(audit)
  const traffic = openTraffic(config, { ...opening, metrics, audit })
  const records = await openOwnRecords(config, opening, { journal, store: stores.store })
  const looking = await detectBesideMcp(config, { ...stores, audit, records, metrics, clock, log })
  ending.add(() => looking.close())
  detection.begin(looking)
  const uses = new GrantUses({ records, store: stores.store, clock, log })
  ending.add(() => uses.flush())
  const egress = openServerEgress(config, { audit, metrics, clock, log })
  ending.add(() => egress.close())
  const clerk = await openClerkSessions({ ...config.clerk, authorizedParty: config.portalUrl, clock, log })
  const workloads = openWorkloadIssuers(loadWorkloadIssuers(config.workloadIssuersFile), {
    allowLoopbackHttp: config.egress.allowLoopbackHttp,
    ...{ clock, log },
  })
  return {
    ...{ keys: keys.get, cache, metrics, traffic, stores, records, uses, audit, sinks },
    ...{ egress, clerk, workloads, clock, log },
    isClosing: () => traffic.leaving.isLeaving || ending.hasBegun,
    ...(overrides.catalog === undefined ? {} : { catalog: overrides.catalog }),
  }
}

/** What is turned away is written down to the last: this is closed before the audit log is. */
function openTraffic(
  { traffic, instanceId }: McpConfig,
  { ending, log, metrics, audit }: Opening & Pick<Parts, 'metrics' | 'audit'>,
): Traffic {
  const opened = openLoad(traffic, { metrics, audit, log, instance: instanceId })
  ending.add(opened.close)
  return opened
}

/** Everything that counts hears what is written. */
function watchedAudit(
  opened: Audit,
  detection: LateDetection,
  { metrics, clock }: { readonly metrics: Metrics; readonly clock: Clock },
): Audit {
  const counted = toolCalls(metrics)
  const noted = (event: AuditEvent): void => {
    counted(event)
    detection.hear(event)
  }
  return meteredAudit(opened, { metrics, clock, noted, overlooked: detection.hear })
}

async function openOwnRecords(
  { folders, instanceId, peers: { servers, caFile } }: McpConfig,
  { keys, clock, log, ending }: Opening,
  own: Pick<RecordsOptions, 'journal' | 'store'>,
): Promise<Records> {
  const copies = await openCopies({ folder: folders.journal, own: instanceId, servers, clock })
  for (const copy of copies) ending.add(() => copy.close())
  const { peers, close } = openPeers({
    ...{ servers, caFile, instanceId, clock, log },
    keys: () => keys.get().peer,
  })
  const records = await openRecords({ ...own, copies, peers, clock, log })
  ending.add(() => records.close())
  // First of all: what waits for an answer of a peer would wait for it in vain.
  ending.add(close)
  return records
}

/** The audit log, counted and timed, and what brings it to the places outside. */
async function openAuditLog(
  config: McpConfig,
  { env, keys, clock, log, ending }: Opening,
  { metrics, detection }: { readonly metrics: Metrics; readonly detection: LateDetection },
): Promise<Pick<Parts, 'audit'> & { readonly sinks: Sinks }> {
  const configured = loadSinks(config.auditSinksFile)
  const { audit: opened, retention } = await openOwnAudit(config, configured, { keys, clock, log })
  ending.add(() => opened.close())
  ending.add(() => retention.close())
  const audit = watchedAudit(opened, detection, { metrics, clock })
  const abroad = keepHeadsAbroad({
    ...{ folder: config.auditHeadsFolder, service: 'mcp', instance: config.instanceId },
    ...{ audit, metrics, log },
  })
  ending.add(() => abroad.close())
  const sinks = openSinks({
    ...{ sinks: configured, folder: config.folders.audit },
    origin: { service: 'mcp', instance: config.instanceId },
    recordsOnDisk: () => opened.recordsOnDisk(),
    ...{ env, stdout: process.stdout, metrics, clock, log },
  })
  ending.add(() => sinks.close())
  return { audit, sinks }
}

function openOwnAudit(
  { folders, instanceId, auditRetention: presets }: McpConfig,
  sinks: readonly SinkConfig[],
  { keys, clock, log }: Pick<Opening, 'keys' | 'clock' | 'log'>,
): Promise<KeptAudit> {
  const options: AuditOptions = {
    ...{ folder: folders.audit, instance: instanceId, service: 'mcp', clock, log },
    keys: {
      sign: (content) => signHead(content, keys.get()),
      verify: (head) => verifyHead(head, keys.get().auditHead.verifiers),
      valueKey: keys.get().local.active.derive('mx-audit-values'),
    },
  }
  return openKeptAudit(options, { presets, subjects: folders.subjects, sinks })
}
