import type { Log } from '../../kernel/log.ts'
import { randomId } from '../../kernel/random.ts'
import type { McpCalls } from '../mcp-calls.ts'
import type { Force, GrantEnd } from '../records/connections.ts'
import type { PortalEntryData } from '../records/entries.ts'
import type { PortalRecords } from '../records/records.ts'

type Pending = PortalEntryData<'revocation.pending'>

/** Ends grants and tokens: here at once, at the MCP server as soon as it answers. */
export interface Revocations {
  /**
   * Nothing is issued for the grant from here on; the MCP server is asked to refuse its tokens too.
   *
   * @returns what may be said of it: `pending` is not yet in force and is retried until it is
   * @throws DiskUnavailable: nothing happened
   */
  endGrant(end: GrantEnd): Promise<Force>
  /**
   * Ends everything of a person: what this portal knows of is not issued for any more, and the MCP server is asked to
   * refuse all of theirs, also what this portal never saw.
   *
   * @throws DiskUnavailable: not all of it happened; asked again, the rest does
   */
  endUser(user: UserEnd): Promise<Force>
  /** @throws DiskUnavailable: nothing happened */
  endToken(token: { readonly rid: string; readonly untilS: number; readonly by: string }): Promise<Force>
  /** Asks once more for everything that is pending. Never rejects for a silent MCP server. */
  retry(): Promise<void>
}

export interface UserEnd {
  readonly sub: string
  readonly by: 'owner' | 'portal'
  readonly reason: 'revoked' | 'owner_gone'
}

export interface RevocationsDeps {
  readonly records: PortalRecords
  readonly mcp: Pick<McpCalls, 'revoke'>
  readonly log: Log
}

export function createRevocations(deps: RevocationsDeps): Revocations {
  /** Ends under way, by grant: parallel reuses of one code end one grant once. */
  const ending = new Map<string, Promise<Force>>()
  return {
    endGrant: async (end) => {
      const running = ending.get(end.gid) ?? endOnce(end, deps).finally(() => ending.delete(end.gid))
      ending.set(end.gid, running)
      return running
    },
    endUser: async (end) => endUser(end, deps),
    endToken: async ({ rid, untilS, by }) => {
      const target = { kind: 'token', rid, until: untilS } as const
      return begin({ id: randomId(), target, reason: 'revoked', by }, deps)
    },
    retry: async () => {
      for (const end of deps.records.connections.untold())
        if (!ending.has(end.gid)) await begin(revocationOf(end), deps)
      for (const pending of deps.records.connections.pending()) await settle(pending, deps)
    },
  }
}

async function endOnce(end: GrantEnd, deps: RevocationsDeps): Promise<Force> {
  const { connections } = deps.records
  const open = connections.pending().find(({ target }) => target.kind === 'grant' && target.gid === end.gid)
  if (open !== undefined) return settle(open, deps)
  const force = connections.find(end.gid)?.end?.force
  if (force === 'recorded' || force === 'enforced') return force
  // Before anything else: even if this process dies now, no token follows.
  await deps.records.record('connection.ended', end)
  return begin(revocationOf(end), deps)
}

async function endUser({ sub, by, reason }: UserEnd, deps: RevocationsDeps): Promise<Force> {
  const { connections } = deps.records
  const live = connections.live().filter((connection) => connection.sub === sub)
  for (const { gid, maxS } of live) await deps.records.record('connection.ended', { gid, maxS, by, reason })
  return begin({ id: randomId(), target: { kind: 'user', sub }, reason, by }, deps)
}

const revocationOf = ({ gid, reason, by }: GrantEnd): Pending => ({
  id: randomId(),
  target: { kind: 'grant', gid },
  reason,
  by,
})

async function begin(pending: Pending, deps: RevocationsDeps): Promise<Force> {
  await deps.records.record('revocation.pending', pending)
  return settle(pending, deps)
}

async function settle(pending: Pending, deps: RevocationsDeps): Promise<Force> {
  const { id, target, reason, by } = pending
  const answer = await deps.mcp.revoke({ target, reason, by })
  if (!answer.ok) {
    // A refusal would be a disagreement about the contract; the revocation stays wanted, so it stays pending.
    if (answer.error.reason === 'refused')
      deps.log.error({ refusal: answer.error.refusal }, 'a revocation was refused')
    return 'pending'
  }
  await deps.records.record('revocation.settled', { id, state: answer.value.state })
  return answer.value.state
}
