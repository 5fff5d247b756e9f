import { createHash, randomBytes } from 'node:crypto'
import { sealCode, type CodePayload } from '../../../src/crypto/code.ts'
import { sealWith } from '../../../src/crypto/sealed.ts'
import { openJournal } from '../../../src/kernel/journal.ts'
import { randomId } from '../../../src/kernel/random.ts'
import { readEpoch } from '../../../src/kernel/recorder.ts'
import { err, ok } from '../../../src/kernel/result.ts'
import { WAITING_RECEIPT_TYP } from '../../../src/portal/authorize/waiting-receipt.ts'
import type { GrantEnd } from '../../../src/portal/records/connections.ts'
import { storeKeys } from '../../../src/portal/records/keys.ts'
import { storedClient, type StoredClient } from '../../../src/portal/records/projection.ts'
import { openPortalRecords } from '../../../src/portal/records/records.ts'
import type { RefreshDeps } from '../../../src/portal/token/rotate-refresh.ts'
import { GRANT_LIFE_S } from '../../../src/portal/token/token-deps.ts'
import { UnansweredUses } from '../../../src/portal/token/unanswered-uses.ts'
import { scratchFolder } from '../folder.ts'
import { captureLog } from '../log.ts'
import { SwitchedStore } from '../store/switched-store.ts'
import { aReceipt, AUDIENCE, ISSUER, openWorkshop, sealed, type Workshop } from '../crypto/token-workshop.ts'

export const REDIRECT_URI = 'http://localhost:33418/callback'
export const VERIFIER = 'v'.repeat(43)
export const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url')

/** What the decisions of the token endpoint work with, real but for the MCP server: that says what the test says. */
export interface Decisions {
  readonly shop: Workshop
  readonly deps: RefreshDeps
  readonly store: SwitchedStore
  readonly client: StoredClient
  /** Ends that were asked for. */
  readonly ends: GrantEnd[]
  /** Grants that the MCP server was asked about. */
  readonly asked: string[]
  /** What the MCP server says of every grant; `silent`: nothing. */
  mcpSays: 'live' | 'ended' | 'unknown' | 'silent'
  /** Awaited before the MCP server answers. */
  mcpWaits: () => Promise<unknown>
  /** Whether owners were seen lately. */
  ownersGood: boolean
  /** How many entries of a type were journaled. */
  readonly countEntries: (type: string) => Promise<number>
  readonly close: () => Promise<void>
}

export async function openDecisions(): Promise<Decisions> {
  const shop = await openWorkshop()
  const { clock } = shop
  const { log } = captureLog()
  const store = new SwitchedStore(clock)
  const journal = await openJournal({ folder: await scratchFolder(), writer: 'portal-1', clock })
  const records = await openPortalRecords({ journal, store, clock, log })
  const ends: GrantEnd[] = []
  const asked: string[] = []
  const said: Pick<Decisions, 'mcpSays' | 'mcpWaits' | 'ownersGood'> = {
    mcpSays: 'live',
    mcpWaits: async () => Promise.resolve(),
    ownersGood: true,
  }
  const deps: RefreshDeps = {
    config: { portalUrl: ISSUER, mcpUrl: new URL(AUDIENCE).origin },
    ...{ clock, store, records, keys: shop.portal },
    clients: {
      findKnown: async () => Promise.resolve(null),
      findKeys: async () => Promise.resolve(null),
      keep: async () => Promise.resolve(),
    },
    mcp: {
      findGrantStatus: async ({ gid }) => {
        asked.push(gid)
        await said.mcpWaits()
        const answer =
          said.mcpSays === 'silent' ? err({ reason: 'unavailable' as const }) : ok({ state: said.mcpSays })
        return answer
      },
    },
    revocations: {
      endGrant: async (end) => {
        ends.push(end)
        await records.record('connection.ended', end)
        return 'pending'
      },
    },
    owners: { isKnownGood: () => said.ownersGood },
    unanswered: new UnansweredUses(),
    rotating: new Map(),
  }
  const client = storedClient.parse({
    ...{ cid: 'mxc_1', name: 'A', redirectUris: [REDIRECT_URI], authMethod: 'none', grantTypes: [] },
  })
  const countEntries = async (type: string): Promise<number> => {
    let count = 0
    for await (const entry of journal.entries()) if (entry.type === type) count += 1
    return count
  }
  const close = async (): Promise<void> => {
    await records.recorder.close()
    await journal.close()
    await shop.close()
  }
  return Object.assign(said, { shop, deps, store, client, ends, asked, countEntries, close })
}

export interface MadeCode {
  readonly code: string
  readonly payload: CodePayload
  readonly receipt: string
  readonly maxS: number
}

/** A code as a consent makes it; `waiting`: something else than its receipt waits for it. */
export async function makeCode(
  { shop, deps, client }: Decisions,
  bend: Partial<CodePayload> = {},
  waiting?: { readonly typ: string; readonly content: object } | null,
): Promise<MadeCode> {
  const [key, iat] = [randomBytes(32), Math.floor(deps.clock.nowMs() / 1000)]
  const payload: CodePayload = {
    ...{ j: randomId(), gid: randomId(), cid: client.cid, ruri: REDIRECT_URI, chal: CHALLENGE },
    ...{ sub: 'user_1', sid: 'sess_1', env: randomId(), scp: 'maximo:read offline_access', res: AUDIENCE },
    ...{ ep: await readEpoch(deps.store), k: key.toString('base64url'), iat, exp: iat + 300 },
    ...bend,
  }
  const receipt = await sealed(aReceipt({ gid: payload.gid }), shop)
  const maxS = iat + GRANT_LIFE_S
  const { typ, content } = waiting ?? { typ: WAITING_RECEIPT_TYP, content: { receipt, maxS } }
  if (waiting !== null)
    await deps.store.put(
      storeKeys.waitingReceipt(payload.j),
      await sealWith(key, typ, JSON.stringify(content)),
      360_000,
    )
  return { code: await sealCode(payload, shop.portal), payload, receipt, maxS }
}
