import type { Client } from './client.ts'
import { isVerifiedHost } from './documents/vendor-documents.ts'

/** Who says that a client is what it calls itself: the operator, or a host; `null` when nobody does. */
export type Voucher =
  | { readonly by: 'operator' }
  | { readonly by: 'host'; readonly host: string; readonly isVerified: boolean }
  | null

/** A document is the word of its own host. Of a few hosts we know whose they are. */
export function voucherOf({ source, cid }: Pick<Client, 'source' | 'cid'>): Voucher {
  switch (source) {
    case 'file':
      return { by: 'operator' }
    case 'document': {
      const { host } = new URL(cid)
      return { by: 'host', host, isVerified: isVerifiedHost(host) }
    }
    case 'registration':
      return null
  }
}
