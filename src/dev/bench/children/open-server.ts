import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { initKeys } from '../../../crypto/keys/ceremony.ts'
import { loadMcpKeys } from '../../../crypto/keys/key-ring.ts'
import { systemClock } from '../../../kernel/clock.ts'
import { FailureLimiter } from '../../../kernel/failure-limiter.ts'
import { createHttp } from '../../../kernel/http.ts'
import { openJournal } from '../../../kernel/journal.ts'
import { createLog } from '../../../kernel/log.ts'
import { MemoryStore } from '../../../kernel/store/memory-store.ts'
import { openEgress } from '../../../maximo/egress/egress.ts'
import type { Admission } from '../../../mcp/admission/admission.ts'
import { DecryptGate } from '../../../mcp/admission/decrypt-gate.ts'
import { mergeLimits } from '../../../mcp/admission/limits.ts'
import { MemoryAdmissionStore } from '../../../mcp/admission/memory-admission-store.ts'
import { objectRightsUnder } from '../../../mcp/admission/object-rights.ts'
import { openAdmission } from '../../../mcp/admission/open-admission.ts'
import { DEFAULT_PLANS, readPlans } from '../../../mcp/admission/plans.ts'
import { readPresets } from '../../../mcp/admission/presets.ts'
import { Changes } from '../../../mcp/changes/changes.ts'
import { TokenCache } from '../../../mcp/admission/token-cache.ts'
import { Exports } from '../../../mcp/exports/exports.ts'
import { openRecords } from '../../../mcp/records/records.ts'
import { openMaximoClients } from '../../../mcp/tools/run/clients.ts'
import { registerMcpRoutes } from '../../../mcp/transport/routes.ts'
import { freePort } from '../../processes/free-port.ts'
import { expectShortLives } from '../../../kernel/short-lives.ts'
import { announce } from '../child.ts'
import { openMint } from '../mint-token.ts'
import { RAISED_LIMITS } from '../raised-limits.ts'
import { benchTools } from '../tools.ts'

/**
 * Our server without an audit log, and with nothing else of its security either unless it is `BENCH_GUARDED`: whoever
 * comes is taken for the first caller that was proven. The product has no such switch; only this bench puts its parts
 * together so, to see what they cost.
 */
const isGuarded = process.env['BENCH_GUARDED'] === 'yes'
const dataDir = process.env['DATA_DIR'] ?? ''
const mcpUrl = `http://localhost:${await freePort()}`
const portalUrl = 'http://localhost:8080'
const [clock, log] = [systemClock, createLog({ service: 'bench', level: 'warn' })]
const nothingWritten = {
  write: () => Promise.resolve(),
  head: () => Promise.reject(new Error('no log')),
  acceptHead: () => Promise.reject(new Error('no log')),
  recordsOnDisk: () => 0,
  close: () => Promise.resolve(),
}

await mkdir(dataDir, { recursive: true })
await initKeys(dataDir, clock)
const keys = await loadMcpKeys(join(dataDir, 'mcp', 'keys'))
const limiter = new FailureLimiter({ max: 100, windowMs: 60_000 }, clock)
const guarded = openAdmission({
  ...{ clock, log, audit: nothingWritten, failures: limiter, strangers: limiter },
  keys: () => keys,
  tokens: { issuer: portalUrl, audience: `${mcpUrl}/mcp` },
  cache: new TokenCache(clock),
  gate: new DecryptGate(clock),
  origins: { publicUrl: mcpUrl, allowedOrigins: [] },
  planOf: ({ pla, fea }) => ({ plan: pla, features: new Set(fea.split(',')) }),
  findEnd: () => null,
  objectRights: objectRightsUnder(readPresets({})),
  uses: { note: () => undefined },
  isPrimed: () => true,
  store: new MemoryAdmissionStore(new MemoryStore(clock), clock),
  requiredMarks: () => [],
  limits: mergeLimits(RAISED_LIMITS),
  plans: readPlans(DEFAULT_PLANS),
  openNewer: () => Promise.reject(new Error('no newer credentials')),
})

const store = new MemoryStore(clock)
const clients = openMaximoClients({
  egress: openEgress({ allowCidrs: [], allowLoopbackHttp: true, clock }),
  clock,
  keepReplaced: () => Promise.reject(new Error('no credential is replaced here')),
})
const journal = await openJournal({ folder: join(dataDir, 'mcp', 'journal'), writer: 'bench', clock })
const changes = new Changes({
  ...{ clock, log, store, audit: nothingWritten, instanceId: 'bench', trustedClients: new Set() },
  keys: () => keys,
  records: await openRecords({ journal, store, clock, log }),
  maximoOf: (access) => clients.whole(access),
  approvalUrl: portalUrl,
  secondApprovers: () => null,
})

expectShortLives()
const app = await createHttp({ log, csp: {}, trustedProxies: [] })
await registerMcpRoutes(app, {
  ...{ clock, log, audit: nothingWritten },
  admission: isGuarded ? guarded : askedOnce(guarded),
  clients,
  changes,
  exports: new Exports({ store, clock, keys: () => keys }),
  cursorKey: new Uint8Array(32),
  resource: `${mcpUrl}/mcp`,
  catalog: benchTools(Number(process.env['BENCH_TOOLS'] ?? '30')),
  version: '0.0.0',
})
await app.listen({ host: '127.0.0.1', port: Number(new URL(mcpUrl).port) })
const credential = {
  baseUrl: process.env['BENCH_UPSTREAM'] ?? '',
  apiKey: process.env['BENCH_API_KEY'] ?? '',
}
const mint = await openMint({ dataDir, portalUrl, mcpUrl, credential })
announce({ url: `${mcpUrl}/mcp`, token: await mint() })

/** An admission whose first yes stands for all that follow. */
function askedOnce(real: Admission): Admission {
  let caller: ReturnType<Admission['identify']> | undefined
  let admitted: ReturnType<Admission['admit']> | undefined
  return {
    identify: (request, door) => (caller ??= real.identify(request, door)),
    admit: (proven, demand) => (admitted ??= real.admit(proven, demand)),
    limitFields: () => null,
    answer: real.answer.bind(real),
  }
}
