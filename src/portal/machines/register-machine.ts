import { sha256Base64url } from '../../crypto/digest.ts'
import type { CallFailure } from '../../crypto/internal-client.ts'
import type { MachineProof } from '../../crypto/machine-proof.ts'
import { randomId, randomSecret } from '../../kernel/random.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import type { Environment } from '../clerk/environments.ts'
import type { PortalDeps } from '../deps.ts'
import { NEVER_S } from '../records/entries.ts'
import type { Machine } from '../records/machines.ts'
import type { SignedIn } from '../session/session-state.ts'
import { secretHashes } from '../token/client-auth.ts'
import type { AskedMachine } from './read-form.ts'

export interface Registration {
  readonly asked: Omit<AskedMachine, 'env'>
  readonly environment: Environment
  readonly session: SignedIn
  /** The client that gets other keys; a new one without it. */
  readonly cid?: string
}

export interface Registered {
  readonly cid: string
  readonly gid: string
  /** Shown once; nobody keeps it. */
  readonly secret: string | null
}

type Deps = Pick<PortalDeps, 'mcp' | 'records' | 'keys'>

/**
 * Registers a machine client: the MCP server checks the owner's live session by itself and returns the root receipt, which
 * is journaled beside what the portal needs to find it again.
 *
 * @throws StoreUnavailable, DiskUnavailable
 */
export async function registerMachine(
  registration: Registration,
  deps: Deps,
): Promise<Result<Registered, CallFailure>> {
  const { asked, environment, session, cid = `mxm_${randomId()}` } = registration
  const gid = randomId()
  const secret = asked.proof.kind === 'secret' ? `mxs_${randomSecret()}` : null
  const { name, scp, prf, rsk, obj, net } = asked
  const attested = await deps.mcp.attestMachine({
    clerkToken: session.token.reveal(),
    transaction: randomId(),
    ...{ gid, cid, scp, prf, rsk },
    env: environment.env,
    blob: environment.blob,
    clientName: name,
    proof: fixedProof(asked.proof, secret),
    ...(obj === undefined ? {} : { obj }),
    ...(net === undefined ? {} : { net }),
  })
  if (!attested.ok) return err(attested.error)
  const owner = { gid, sub: session.userId, cid, env: environment.env, scp }
  await deps.records.record('connection.made', {
    ...owner,
    clientName: name,
    redirectHost: '',
    envLabel: environment.label,
    maxS: NEVER_S,
  })
  await deps.records.record('machine.registered', {
    ...owner,
    root: attested.value.root,
    proof: keptProof(asked.proof, secret, deps),
    asked: { prf, rsk, ...(obj === undefined ? {} : { obj }), ...(net === undefined ? {} : { net }) },
  })
  return ok({ cid, gid, secret })
}

/** What the root receipt fixes. */
function fixedProof(proof: AskedMachine['proof'], secret: string | null): MachineProof {
  switch (proof.kind) {
    case 'keys':
      return { kind: 'keys', thumbprints: proof.keys.map(({ thumbprint }) => thumbprint) }
    case 'secret':
      return { kind: 'secret', sha256: sha256Base64url(secret ?? '') }
    case 'workload':
      return { ...proof, rules: [...proof.rules] }
  }
}

/** What the portal keeps of it. */
function keptProof(
  proof: AskedMachine['proof'],
  secret: string | null,
  { keys }: Pick<Deps, 'keys'>,
): Machine['proof'] {
  switch (proof.kind) {
    case 'keys':
      return { kind: 'keys', keys: [...proof.keys] }
    case 'secret':
      return { kind: 'secret', secretHash: secretHashes(secret ?? '', keys)[0] }
    case 'workload':
      return { ...proof, rules: [...proof.rules] }
  }
}
