import {
  changesWaiting,
  credentialAges,
  grantAttest,
  grantDerive,
  grantStatus,
  headExchange,
  lastUses,
  planCap,
  machineAttest,
  planRecord,
  revocationAsk,
  vaultOpen,
  vaultTake,
} from '../crypto/internal-api.ts'
import { accountUsage } from '../crypto/account-usage.ts'
import { detectionsFound } from '../crypto/detection.ts'
import type { PortalKeys } from '../crypto/keys/key-ring.ts'
import { openInternalClient, type Call, type InternalClientOptions } from '../crypto/internal-client.ts'

/** What the portal may ask of the MCP server; the contract is `crypto/internal-api.ts`. */
export interface McpCalls {
  readonly openVault: Call<typeof vaultOpen>
  readonly takeFromVault: Call<typeof vaultTake>
  readonly attestGrant: Call<typeof grantAttest>
  readonly attestMachine: Call<typeof machineAttest>
  readonly deriveGrant: Call<typeof grantDerive>
  readonly findGrantStatus: Call<typeof grantStatus>
  readonly findLastUses: Call<typeof lastUses>
  readonly recordPlan: Call<typeof planRecord>
  readonly findCredentialAges: Call<typeof credentialAges>
  readonly findDetections: Call<typeof detectionsFound>
  readonly capPlan: Call<typeof planCap>
  readonly findWaitingChanges: Call<typeof changesWaiting>
  readonly findUsage: Call<typeof accountUsage>
  readonly revoke: Call<typeof revocationAsk>
  readonly exchangeHead: Call<typeof headExchange>
  close(): Promise<void>
}

export type McpCallsOptions = Omit<InternalClientOptions, 'signer'> & { readonly keys: PortalKeys }

/** The portal's client of the internal API. */
export function createMcpCalls({ keys, ...options }: McpCallsOptions): McpCalls {
  const client = openInternalClient({ ...options, signer: () => keys.internalSigning.active })
  return {
    openVault: client.calls(vaultOpen),
    takeFromVault: client.calls(vaultTake),
    attestGrant: client.calls(grantAttest),
    attestMachine: client.calls(machineAttest),
    deriveGrant: client.calls(grantDerive),
    findGrantStatus: client.calls(grantStatus),
    findLastUses: client.calls(lastUses),
    recordPlan: client.calls(planRecord),
    findCredentialAges: client.calls(credentialAges),
    findDetections: client.calls(detectionsFound),
    capPlan: client.calls(planCap),
    findWaitingChanges: client.calls(changesWaiting),
    findUsage: client.calls(accountUsage),
    revoke: client.calls(revocationAsk),
    exchangeHead: client.calls(headExchange),
    close: () => client.close(),
  }
}
