import { MAX_MACHINE_KEYS } from '../../crypto/machine-proof.ts'
import { scopesInWords } from '../authorize/scopes.ts'
import type { PortalDeps } from '../deps.ts'
import { PATHS } from '../metadata/documents.ts'
import type { Connection } from '../records/connections.ts'
import type { Machine } from '../records/machines.ts'
import { ago } from '../ui/ago.ts'
import type { MachineView } from '../ui/machine-page.tsx'

/** The owner's machine client and its connection; null for somebody else's, which is as unknown as none. */
export function findOwn(
  cid: string,
  sub: string,
  { records }: Pick<PortalDeps, 'records'>,
): { readonly machine: Machine; readonly connection: Connection } | null {
  const machine = records.machines.find(cid)
  const connection = machine === null ? null : records.connections.find(machine.gid)
  return machine === null || connection === null || machine.sub !== sub ? null : { machine, connection }
}

/** What the page of a machine client shows, but for who looks at it. */
export function describeMachine(
  { machine, connection }: NonNullable<ReturnType<typeof findOwn>>,
  { records, clock, config }: Pick<PortalDeps, 'records' | 'clock' | 'config'>,
): Omit<MachineView, 'account' | 'formToken' | 'secret' | 'problem'> {
  const { lastIssuedMs } = connection
  return {
    cid: machine.cid,
    name: connection.clientName,
    environment: connection.envLabel,
    scopes: scopesInWords(machine.scp).join('; '),
    lastExchange: lastIssuedMs === null ? 'none yet' : ago(lastIssuedMs, clock.nowMs()),
    isLive: records.connections.isLive(connection),
    tokenEndpoint: `${config.portalUrl}${PATHS.token}`,
    issuer: config.portalUrl,
    mcpAddress: `${config.mcpUrl}/ci/mcp`,
    proof: describeProof(machine.proof),
  }
}

function describeProof(proof: Machine['proof']): MachineView['proof'] {
  switch (proof.kind) {
    case 'keys': {
      const thumbprints = proof.keys.map(({ thumbprint }) => thumbprint)
      return { kind: 'keys', thumbprints, mayAdd: thumbprints.length < MAX_MACHINE_KEYS }
    }
    case 'secret':
      return { kind: 'secret' }
    case 'workload': {
      const { issuer, audience } = proof
      const rules = proof.rules.map(
        ({ claim, match, value }) => `${claim} ${match === 'exact' ? 'is' : 'begins with'} ${value}`,
      )
      return { kind: 'workload', issuer, audience, rules }
    }
  }
}
