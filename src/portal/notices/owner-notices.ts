import type { PortalDeps } from '../deps.ts'
import { findNotices, type Notice } from './find-notices.ts'

/** What an owner should know, wherever it comes from. */
export interface OwnerNotices {
  of(sub: string): Promise<readonly Notice[]>
}

export const createNotices = (deps: Pick<PortalDeps, 'records'>): OwnerNotices => ({
  of: (sub) => Promise.resolve(findNotices(sub, deps)),
})
