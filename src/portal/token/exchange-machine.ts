import { err, ok, type Result } from '../../kernel/result.ts'
import { readResource } from '../authorize/resource.ts'
import { narrowScope } from '../authorize/scopes.ts'
import type { Fields } from '../fields.ts'
import type { McpCalls } from '../mcp-calls.ts'
import type { Machine } from '../records/machines.ts'
import { issueAccessToken } from './issue-access-token.ts'
import type { MachineGrantType } from './grant-types.ts'
import { presentMachine, type Presented } from './present-machine.ts'
import type { TokenRefusal } from './refusal.ts'
import type { Issued, TokenDeps } from './token-deps.ts'

export type MachineDeps = Omit<TokenDeps, 'mcp'> & {
  readonly mcp: Pick<McpCalls, 'deriveGrant'>
}

export interface MachineRequest {
  readonly grantType: MachineGrantType
  readonly authorization: string | undefined
  readonly fields: Fields
}

/** `suspect`: the client that was named, proven or not, for the limiter. */
export interface MachineOutcome {
  readonly client: { readonly cid: string; readonly authMethod: string } | null
  readonly method: string | null
  readonly suspect: string | null
  readonly issued: Result<Issued, TokenRefusal>
}

/**
 * A token for a machine client (RFC 6749 §4.4, RFC 7523 §2.1): the portal finds the root receipt and passes it on with the
 * proof; the MCP server decides by its own check. What the portal checks before only spares it the asking.
 *
 * @throws StoreUnavailable, DiskUnavailable
 */
export async function exchangeForMachine(
  request: MachineRequest,
  deps: MachineDeps,
): Promise<MachineOutcome> {
  const presented = await presentMachine(request, deps)
  if (!presented.ok) {
    const { reason, cid } = presented.error
    return { client: null, method: null, suspect: cid, issued: err(reason) }
  }
  const { machine, method } = presented.value
  const issued = await issue(request, presented.value, deps)
  const isProven = issued.ok || !UNPROVEN.has(issued.error)
  return {
    client: isProven ? { cid: machine.cid, authMethod: method } : null,
    method,
    suspect: machine.cid,
    issued,
  }
}

/** Refusals of the MCP server that mean that the proof did not hold. */
const UNPROVEN: ReadonlySet<TokenRefusal> = new Set([
  'client_secret_wrong',
  'client_assertion_wrong',
  'client_assertion_used',
  'workload_token_wrong',
  'workload_token_used',
])

async function issue(
  { fields, grantType }: MachineRequest,
  { machine, proof }: Presented,
  deps: MachineDeps,
): Promise<Result<Issued, TokenRefusal>> {
  if (!isResourceOf(machine, fields.find('resource'), deps.config)) return err('resource_unknown')
  const scope = narrowScope(fields.find('scope'), machine.scp)
  if (scope === null) return err('scope_too_wide')
  if (await deps.records.isEnded(machine.gid)) return err(endedFor(grantType))
  if (!deps.owners.isKnownGood(machine.gid)) return err('cannot_decide')

  const derived = await deps.mcp.deriveGrant({ root: machine.root, proof, scp: scope })
  if (!derived.ok)
    return derived.error.reason === 'unavailable'
      ? err('cannot_decide')
      : err(await readRefusal(derived.error.refusal, { machine, grantType }, deps))
  const { receipt, max } = derived.value
  const access = await issueAccessToken(
    { gid: machine.gid, cid: machine.cid, receipt, maxS: max },
    scope,
    deps,
  )
  if (!access.ok) return access
  const { token, rid, expiresInS } = access.value
  // RFC 6749 §4.4.3: no refresh token. Its client asks again.
  return ok({
    ...{ accessToken: token, expiresInS, refreshToken: null, scope },
    ...{ gid: machine.gid, rid, use: `machine:${rid}` },
  })
}

/** The one resource by any of its names, the address for machines among them; or its own environment's. */
function isResourceOf(
  { env }: Machine,
  asked: string | undefined,
  { mcpUrl }: MachineDeps['config'],
): boolean {
  if (asked === `${mcpUrl}/ci/mcp`) return true
  const resource = readResource(asked, mcpUrl)
  return resource.ok && (resource.value.env ?? env) === env
}

const isWorkloadGrant = (grantType: MachineGrantType): boolean => grantType !== 'client_credentials'

const endedFor = (grantType: MachineGrantType): TokenRefusal =>
  isWorkloadGrant(grantType) ? 'workload_ended' : 'machine_ended'

/** The MCP server's word, as the token endpoint says it. */
async function readRefusal(
  word: string,
  { machine, grantType }: { readonly machine: Machine; readonly grantType: MachineGrantType },
  deps: MachineDeps,
): Promise<TokenRefusal> {
  if (word === 'scope_too_wide') return 'scope_too_wide'
  if (word.startsWith('too_long')) return 'token_too_long'
  if (word === 'proof_used')
    return isWorkloadGrant(grantType) ? 'workload_token_used' : 'client_assertion_used'
  if (word.startsWith('proof_')) return PROOF_WRONG[machine.proof.kind]
  if (word === 'root_ended') {
    const known = deps.records.connections.find(machine.gid)
    if (known?.end === null)
      await deps.records.record('connection.ended', {
        ...{ gid: machine.gid, maxS: known.maxS },
        ...{ by: 'mcp', reason: 'ended_elsewhere' },
      })
    return endedFor(grantType)
  }
  return 'cannot_decide'
}

const PROOF_WRONG: Readonly<Record<Machine['proof']['kind'], TokenRefusal>> = {
  keys: 'client_assertion_wrong',
  secret: 'client_secret_wrong',
  workload: 'workload_token_wrong',
}
