import type { z } from 'zod'
import { verifyClientAssertion } from '../../crypto/client-assertion.ts'
import { safeEqual } from '../../crypto/digest.ts'
import { readForeignKeys } from '../../crypto/foreign-keys.ts'
import type { grantDerive } from '../../crypto/internal-api.ts'
import { isMachineClient } from '../../crypto/machine-proof.ts'
import { readWorkloadClaims } from '../../crypto/workload-assertion.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { concerns, isWorkload, type Machine } from '../records/machines.ts'
import { type PresentedClient, readPresentedClient, secretHashes } from './client-auth.ts'
import type { MachineDeps, MachineRequest } from './exchange-machine.ts'
import type { TokenRefusal } from './refusal.ts'

/** A registered machine client, and what to show to the MCP server for it. */
export interface Presented {
  readonly machine: Machine
  readonly method: string
  readonly proof: z.input<typeof grantDerive.ask>['proof']
}

interface PresentRefusal {
  readonly reason: TokenRefusal
  /** Whom the request named, if that is a client of ours. */
  readonly cid: string | null
}
type Outcome = Result<Presented, PresentRefusal>

/**
 * Who asks, and by what. A proof that cannot hold is refused here, so that guessing costs the MCP server nothing.
 *
 * @throws StoreUnavailable
 */
export async function presentMachine(request: MachineRequest, deps: MachineDeps): Promise<Outcome> {
  return request.grantType === 'client_credentials'
    ? presentClient(request, deps)
    : presentWorkload(request, deps)
}

const refuse = (reason: TokenRefusal, cid: string | null = null): Outcome => err({ reason, cid })

/** RFC 6749 §4.4.2: the client authenticates, as it registered. */
async function presentClient({ authorization, fields }: MachineRequest, deps: MachineDeps): Promise<Outcome> {
  const presented = readPresentedClient(authorization, fields)
  if (!presented.ok) return refuse(presented.error)
  const { clientId } = presented.value
  // Clients that people connect act for a person, who has to be there.
  if (!isMachineClient(clientId)) return refuse('grant_type_not_registered')
  const machine = await deps.records.findMachine(clientId)
  if (machine === null) return refuse('client_unknown')
  const proof = await readProof(machine, presented.value, deps)
  if (!proof.ok) return refuse(proof.error, machine.cid)
  return ok({ machine, method: presented.value.method, proof: proof.value })
}

async function readProof(
  { cid, proof }: Machine,
  presented: PresentedClient,
  deps: MachineDeps,
): Promise<Result<Presented['proof'], TokenRefusal>> {
  const { method, proof: shown = '' } = presented
  switch (proof.kind) {
    case 'workload':
      return err('grant_type_not_registered')
    case 'keys':
      return method === 'private_key_jwt'
        ? readAssertion(shown, { cid, keys: proof.keys }, deps)
        : err('client_method_wrong')
    case 'secret': {
      if (method !== 'client_secret_basic' && method !== 'client_secret_post')
        return err('client_method_wrong')
      const isRight = secretHashes(shown, deps.keys).some((hash) => safeEqual(hash, proof.secretHash))
      return isRight ? ok({ kind: 'secret', secret: shown }) : err('client_secret_wrong')
    }
  }
}

async function readAssertion(
  assertion: string,
  { cid, keys }: { readonly cid: string; readonly keys: Extract<Machine['proof'], { kind: 'keys' }>['keys'] },
  { config, clock }: MachineDeps,
): Promise<Result<Presented['proof'], TokenRefusal>> {
  const read = await readForeignKeys({ keys: keys.map(({ jwk }) => jwk) })
  if (!read.ok) throw new Error('a registered key cannot be read')
  const options = { clientId: cid, issuer: config.portalUrl, clock }
  const proven = await verifyClientAssertion(assertion, read.value, options)
  const key = proven.ok ? keys.find(({ thumbprint }) => thumbprint === proven.value.thumbprint) : undefined
  if (key === undefined) return err('client_assertion_wrong')
  return ok({ kind: 'keys', assertion, jwk: key.jwk })
}

/** RFC 7523 §2.1: the assertion is the grant. `client_id` may stand beside it, and must where several could be meant. */
async function presentWorkload({ fields }: MachineRequest, deps: MachineDeps): Promise<Outcome> {
  const assertion = fields.find('assertion')
  if (assertion === undefined) return refuse('parameter_missing')
  const claims = readWorkloadClaims(assertion)
  if (claims === null) return refuse('workload_token_wrong')
  const found = await findConcerned(fields.find('client_id'), claims, deps)
  if (!found.ok) return refuse(found.error)
  const machine = found.value
  if (!isWorkload(machine)) return refuse('grant_type_not_registered', machine.cid)
  if (!concerns(claims, machine.proof)) return refuse('workload_token_wrong', machine.cid)
  return ok({ machine, method: 'workload_identity', proof: { kind: 'workload', assertion } })
}

async function findConcerned(
  named: string | undefined,
  claims: Readonly<Record<string, unknown>>,
  { records }: MachineDeps,
): Promise<Result<Machine, TokenRefusal>> {
  if (named !== undefined) {
    const machine = isMachineClient(named) ? await records.findMachine(named) : null
    return machine === null ? err('client_unknown') : ok(machine)
  }
  const live = records.machines
    .matching(claims)
    .filter(({ gid }) => records.connections.find(gid)?.end === null)
  const [machine, ...others] = live
  if (machine === undefined) return err('workload_unknown')
  return others.length === 0 ? ok(machine) : err('workload_ambiguous')
}
