import { noticedOf } from '../../crypto/detection.ts'
import type { PortalDeps } from '../deps.ts'
import { findKeyAges, keyNotices } from '../environments/key-ages.ts'
import { detectionNotice } from './detection-notices.ts'
import { findNotices, type Notice } from './find-notices.ts'

/** What an owner should know, wherever it comes from. */
export interface OwnerNotices {
  /** About connections: of our own records, so that they are there while everything else is away. */
  ofConnections(sub: string): readonly Notice[]
  /** Also about keys and what was noticed at the MCP server, as far as it says. @throws ClerkUnavailable */
  of(sub: string): Promise<readonly Notice[]>
}

type NoticeDeps = Pick<PortalDeps, 'records' | 'mcp' | 'accounts'>

export function createNotices(deps: NoticeDeps): OwnerNotices {
  const ofConnections = (sub: string): readonly Notice[] => [
    ...findNotices(sub, deps),
    ...ownDetections(sub, deps),
  ]
  return {
    ofConnections,
    of: async (sub) => [...ofConnections(sub), ...(await ofMcp(sub, deps))],
  }
}

/** What this portal and its peers noticed. */
function ownDetections(sub: string, { records }: NoticeDeps): readonly Notice[] {
  const names = { records, labelOf: () => undefined }
  return noticedOf(records.detections.of(sub).detections)
    .map((noticed) => detectionNotice(noticed, names))
    .filter(({ id }) => !records.connections.isDismissed(sub, id))
}

async function ofMcp(sub: string, deps: NoticeDeps): Promise<readonly Notice[]> {
  const [ages, found] = await Promise.all([findKeyAges(sub, deps), deps.mcp.findDetections({ sub })])
  const detections = found.ok ? found.value.detections : []
  if ((ages === null || ages.size === 0) && detections.length === 0) return []
  const environments = await deps.accounts.listEnvironments(sub)
  const labels = new Map(environments.map(({ env, label }) => [env, label]))
  const names = { records: deps.records, labelOf: (env: string) => labels.get(env) }
  const ofKeys = environments.flatMap(({ env, label }) => {
    const age = ages?.get(env)
    return age === undefined ? [] : keyNotices(age, label)
  })
  return [...detections.map((noticed) => detectionNotice(noticed, names)), ...ofKeys].filter(
    ({ id }) => !deps.records.connections.isDismissed(sub, id),
  )
}
