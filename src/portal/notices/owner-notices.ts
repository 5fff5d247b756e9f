import type { PortalDeps } from '../deps.ts'
import { findKeyAges, keyNotices } from '../environments/key-ages.ts'
import { findNotices, type Notice } from './find-notices.ts'

/** What an owner should know, wherever it comes from. */
export interface OwnerNotices {
  /** About connections: of our own records, so that they are there while everything else is away. */
  ofConnections(sub: string): readonly Notice[]
  /** Also about keys, as far as the MCP server says. @throws ClerkUnavailable */
  of(sub: string): Promise<readonly Notice[]>
}

export function createNotices(deps: Pick<PortalDeps, 'records' | 'mcp' | 'accounts'>): OwnerNotices {
  const ofConnections = (sub: string): readonly Notice[] => findNotices(sub, deps)
  return {
    ofConnections,
    of: async (sub) => [...ofConnections(sub), ...(await ofKeys(sub, deps))],
  }
}

async function ofKeys(
  sub: string,
  deps: Pick<PortalDeps, 'records' | 'mcp' | 'accounts'>,
): Promise<readonly Notice[]> {
  const ages = await findKeyAges(sub, deps)
  if (ages === null || ages.size === 0) return []
  const environments = await deps.accounts.listEnvironments(sub)
  return environments
    .flatMap(({ env, label }) => {
      const age = ages.get(env)
      return age === undefined ? [] : keyNotices(age, label)
    })
    .filter(({ id }) => !deps.records.connections.isDismissed(sub, id))
}
