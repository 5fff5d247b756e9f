import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { AuditEvent } from '../../../src/audit/event.ts'
import type { Receipt } from '../../../src/crypto/credential.ts'
import { createHttp } from '../../../src/kernel/http.ts'
import type { Load } from '../../../src/kernel/load/load.ts'
import { openJournal } from '../../../src/kernel/journal.ts'
import { Secret } from '../../../src/kernel/secret.ts'
import { MemoryStore } from '../../../src/kernel/store/memory-store.ts'
import { openEgress, type EgressOptions } from '../../../src/maximo/egress/egress.ts'
import { ReadCache } from '../../../src/maximo/read-cache.ts'
import { DEFAULT_LIMITS, type LimitPolicy } from '../../../src/mcp/admission/limits.ts'
import { MemoryAdmissionStore } from '../../../src/mcp/admission/memory-admission-store.ts'
import { openAdmission } from '../../../src/mcp/admission/open-admission.ts'
import { Changes } from '../../../src/mcp/changes/changes.ts'
import { Exports } from '../../../src/mcp/exports/exports.ts'
import { openRecords, type Records } from '../../../src/mcp/records/records.ts'
import { openMaximoClients } from '../../../src/mcp/tools/run/clients.ts'
import { recordKeys } from '../../../src/mcp/records/keys.ts'
import { CATALOG } from '../../../src/mcp/tools/catalog/catalog.ts'
import { readFieldPolicy, type FieldPolicyFile } from '../../../src/mcp/tools/fields/field-policy.ts'
import { pseudonymsUnder } from '../../../src/mcp/tools/fields/shown-values.ts'
import type { Tool } from '../../../src/mcp/tools/tool.ts'
import { registerMcpRoutes } from '../../../src/mcp/transport/routes.ts'
import type { StandIns } from '../../../src/mcp/transport/sdk-server.ts'
import { captureLog, type CapturedLog } from '../log.ts'
import { AUDIENCE, openWorkshop, type Workshop } from '../crypto/token-workshop.ts'
import { aBearer, admissionParts } from './admission-parts.ts'

const LAVISH = { perMinute: 1_000_000, burst: 100_000 }
/** Limits that no test meets unless it wants to. */
const NO_LIMITS: LimitPolicy = {
  profile: { interactive: LAVISH, sync: LAVISH, reporting: LAVISH, batch: LAVISH, webhook: LAVISH },
  tool: { read: LAVISH, write: LAVISH },
  concurrent: DEFAULT_LIMITS.concurrent,
}

export interface DoorOptions {
  /** Fields that callers do not see. */
  readonly fields?: FieldPolicyFile
  /** Clients that may ask their person about a change. */
  readonly trustedClients?: readonly string[]
  readonly secondApprovers?: ConstructorParameters<typeof Changes>[0]['secondApprovers']
  readonly catalog?: readonly Tool[]
  /** What the SDK serves instead of ours. */
  readonly standIns?: StandIns
  readonly limits?: LimitPolicy
  readonly load?: Load
  /** How long answers of Maximo are kept; not at all unless said. */
  readonly readCacheMs?: number
  /** What else the listener serves, before the routes. */
  readonly prepare?: (app: FastifyInstance) => Promise<void>
  /** What `audit.write` does after the event was noted. */
  readonly onAudit?: (event: AuditEvent) => Promise<void>
  /** The way out to Maximo, where it differs. */
  readonly egress?: Partial<EgressOptions>
}

export interface TokenWish {
  readonly scope?: string
  readonly subject?: string
  readonly environment?: string
  /** Base URL of Maximo and the API key. */
  readonly maximo?: { readonly baseUrl: string; readonly apiKey: string }
  /** What else its grant fixed. */
  readonly receipt?: Partial<Receipt>
}

/** The MCP routes behind the real admission: real keys, real tokens, the in-process store. No portal, no journal. */
export interface McpDoor {
  readonly app: FastifyInstance
  readonly log: CapturedLog
  readonly events: AuditEvent[]
  readonly workshop: Workshop
  readonly changes: Changes
  readonly records: Records
  /** An access token as the portal would make it. */
  token(wish?: TokenWish): Promise<string>
  /** Ends a user's tokens, as a revocation does. */
  revokeUser(subject: string): Promise<void>
  /** Listens on a free port; `http://localhost:<port>`. */
  listen(): Promise<string>
  close(): Promise<void>
}

export async function openDoor(options: DoorOptions = {}): Promise<McpDoor> {
  const workshop = await openWorkshop()
  const { clock } = workshop
  const log = captureLog()
  const events: AuditEvent[] = []
  const audit = {
    write: async (event: AuditEvent) => {
      events.push(event)
      await options.onAudit?.(event)
    },
    head: () => Promise.reject(new Error('no heads here')),
    acceptHead: () => Promise.reject(new Error('no heads here')),
    recordsOnDisk: () => 0,
    close: () => Promise.resolve(),
  }
  const store = new MemoryStore(clock)
  const admission = openAdmission(
    admissionParts(workshop, {
      ...{ audit, log: log.log, limits: options.limits ?? NO_LIMITS },
      store: new MemoryAdmissionStore(store, clock),
    }),
  )
  const egress = openEgress({ allowCidrs: [], allowLoopbackHttp: true, clock, ...options.egress })
  const app = await createHttp({ log: log.log, csp: {}, trustedProxies: [] })
  await options.prepare?.(app)
  const clients = openMaximoClients({
    ...{ egress, clock },
    ...(options.readCacheMs !== undefined && {
      readCache: new ReadCache({ clock, lifetimeMs: options.readCacheMs }),
    }),
    keepReplaced: () => Promise.reject(new Error('no identity provider here')),
  })
  const journal = await openJournal({ folder: join(workshop.dataDir, 'journal'), writer: 'door', clock })
  const records = await openRecords({ journal, store, clock, log: log.log })
  const fields =
    options.fields === undefined
      ? undefined
      : {
          policy: readFieldPolicy(options.fields),
          pseudonyms: pseudonymsUnder(new Uint8Array(32).fill(9)),
        }
  const changes = new Changes({
    fields,
    ...{ audit, clock, store, log: log.log, instanceId: 'door', keys: () => workshop.mcp },
    records,
    maximoOf: (access) => clients.whole(access),
    trustedClients: new Set(options.trustedClients),
    approvalUrl: 'http://localhost:8080/changes',
    secondApprovers: options.secondApprovers ?? (() => null),
  })
  await registerMcpRoutes(app, {
    admission,
    audit,
    clients,
    changes,
    exports: new Exports({ store, clock, keys: () => workshop.mcp }),
    cursorKey: new Uint8Array(32).fill(7),
    clock,
    log: log.log,
    resource: AUDIENCE,
    catalog: options.catalog ?? CATALOG,
    ...(options.load !== undefined && { load: options.load }),
    ...(options.standIns !== undefined && { standIns: options.standIns }),
    version: '0.0.0-test',
    fields,
  })
  let seq = 0
  return {
    app,
    log,
    events,
    workshop,
    changes,
    records,
    token: (wish = {}) => makeToken(wish, workshop),
    async revokeUser(subject) {
      seq += 1
      await store.project('test', seq, [
        { key: recordKeys.userMark(subject), atLeast: clock.nowMs() + 5_000 },
      ])
    },
    async listen() {
      await app.listen({ port: 0, host: '127.0.0.1' })
      const address = app.server.address()
      if (address === null || typeof address === 'string') throw new Error('not listening')
      return `http://localhost:${address.port}`
    },
    async close() {
      await app.close()
      await changes.drain()
      await records.close()
      await journal.close()
      await egress.close()
      await workshop.close()
    },
  }
}

const makeToken = (wish: TokenWish, workshop: Workshop): Promise<string> =>
  aBearer(workshop, {
    ...(wish.subject !== undefined && { sub: wish.subject }),
    ...(wish.environment !== undefined && { env: wish.environment }),
    ...(wish.scope !== undefined && { scp: wish.scope }),
    ...(wish.maximo !== undefined && {
      c: { u: wish.maximo.baseUrl, a: 'apikey' as const, k: new Secret(wish.maximo.apiKey) },
    }),
    ...wish.receipt,
  })
