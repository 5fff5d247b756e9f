import { type Client, clientDigest } from './client.ts'
import type { Clients } from './clients.ts'

/**
 * Whether a client describes itself otherwise than when its owner was asked, in anything that he agreed to. A host that is
 * away has said nothing new; a registration never changes.
 *
 * @throws StoreUnavailable
 */
export async function hasChanged(
  asked: Client,
  address: string,
  clients: Pick<Clients, 'find'>,
): Promise<boolean> {
  if (asked.source === 'registration') return false
  const now = await clients.find(asked.cid, address)
  if (now.ok) return clientDigest(now.value) !== clientDigest(asked)
  return now.error !== 'client_document_unavailable' && now.error !== 'client_document_too_often'
}
