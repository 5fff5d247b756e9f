import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { sealCode } from '../../../crypto/code.ts'
import { loadMcpKeys, loadPortalKeys, type McpKeys, type PortalKeys } from '../../../crypto/keys/key-ring.ts'
import { sealWith } from '../../../crypto/sealed.ts'
import { nowSeconds, systemClock } from '../../../kernel/clock.ts'
import { openJournal } from '../../../kernel/journal.ts'
import type { Log } from '../../../kernel/log.ts'
import { randomId } from '../../../kernel/random.ts'
import { readEpoch } from '../../../kernel/recorder.ts'
import type { Store } from '../../../kernel/store/contract.ts'
import { CODE_LIFE_S, WAITING_RECEIPT_TYP } from '../../../portal/authorize/waiting-receipt.ts'
import type { PortalConfig } from '../../../portal/config.ts'
import { storeKeys } from '../../../portal/records/keys.ts'
import { openPortalRecords, type PortalRecords } from '../../../portal/records/records.ts'
import { GRANT_LIFE_S } from '../../../portal/token/token-deps.ts'
import { mintReceipt } from '../mint-token.ts'
import { CHALLENGE, CLIENT_NAME, REDIRECT_URI, RESOURCE, SCOPE } from './exchange.ts'

export interface Consents {
  readonly clientId: string
  readonly codes: readonly string[]
  readonly receiptChars: number
}

interface Making {
  readonly clientId: string
  readonly records: PortalRecords
  readonly store: Store
  readonly epoch: string
  readonly portalKeys: PortalKeys
  readonly mcpKeys: McpKeys
}

/**
 * What so many consents to one registered client leave behind, as `approve` of the portal leaves it: the client and the
 * connections in the journal and the store, receipts that wait, and the codes. Done before the portal starts.
 */
export async function makeConsents(
  dataDir: string,
  { config, store, log }: { readonly config: PortalConfig; readonly store: Store; readonly log: Log },
  count: number,
): Promise<Consents> {
  const clock = systemClock
  const journal = await openJournal({ folder: config.folders.journal, writer: config.instanceId, clock })
  const records = await openPortalRecords({ journal, store, clock, log })
  await new Promise<void>((primed) => {
    records.recorder.onPrimed(primed)
    if (records.recorder.primed()) primed()
  })
  const clientId = `mxc_${randomId()}`
  await records.record('client.registered', {
    ...{ cid: clientId, name: CLIENT_NAME, redirectUris: [REDIRECT_URI], authMethod: 'none' },
    ...{ grantTypes: ['authorization_code', 'refresh_token'], untilS: nowSeconds(clock) + GRANT_LIFE_S },
  })
  const making = {
    ...{ clientId, records, store, epoch: await readEpoch(store) },
    portalKeys: await loadPortalKeys(config.folders.keys),
    mcpKeys: await loadMcpKeys(join(dataDir, 'mcp', 'keys')),
  }
  const made: Made[] = []
  while (made.length < count)
    made.push(...(await Promise.all(Array.from({ length: TOGETHER }, async () => makeOne(making)))))
  await records.recorder.close()
  await journal.close()
  return { clientId, codes: made.map(({ code }) => code), receiptChars: made[0]?.receiptChars ?? 0 }
}

interface Made {
  readonly code: string
  readonly receiptChars: number
}

async function makeOne({ clientId, records, store, epoch, portalKeys, mcpKeys }: Making): Promise<Made> {
  const [j, gid, env, sub, key] = [randomId(), randomId(), randomId(), `user_${randomId()}`, randomBytes(32)]
  const iat = nowSeconds(systemClock)
  const maxS = iat + GRANT_LIFE_S
  await records.record('connection.made', {
    ...{ gid, sub, cid: clientId, clientName: CLIENT_NAME, redirectHost: new URL(REDIRECT_URI).host },
    ...{ env, envLabel: 'bench', scp: SCOPE, maxS },
  })
  const credential = { baseUrl: 'http://127.0.0.1:8083/maximo', apiKey: 'k'.repeat(40) }
  const receipt = await mintReceipt(gid, credential, mcpKeys)
  const waiting = await sealWith(key, WAITING_RECEIPT_TYP, JSON.stringify({ receipt, maxS }))
  await store.put(storeKeys.waitingReceipt(j), waiting, CODE_LIFE_S * 1000)
  const code = await sealCode(
    {
      ...{ j, gid, cid: clientId, ruri: REDIRECT_URI, chal: CHALLENGE, sub, sid: 'sess_bench', env },
      ...{ scp: SCOPE, res: RESOURCE, ep: epoch, k: key.toString('base64url'), iat, exp: iat + CODE_LIFE_S },
    },
    portalKeys,
  )
  return { code, receiptChars: receipt.length }
}

const TOGETHER = 100
