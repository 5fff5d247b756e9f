import type { LookupFunction } from 'node:net'
import { Client, type Dispatcher } from 'undici'
import type { AddressPolicy } from './address.ts'
import { guardedConnector } from './connector.ts'

export interface DocumentOptions {
  readonly policy: AddressPolicy
  readonly lookup: LookupFunction
  /** PEM certificates to trust besides the system's. */
  readonly ca: readonly string[]
  /** From the first packet to the last byte. */
  readonly deadlineMs: number
  /** Of the body, as it comes over the wire. */
  readonly maxBytes: number
}

/**
 * One `GET` for a small JSON document on a host that is not ours. No redirects, no cookies, nothing inflated; a connection of
 * its own, so that what the name resolves to is judged for every document anew.
 *
 * @param read what to make of the answer, while the connection stands; what it leaves unread is never fetched
 * @throws EgressRefused, or undici's error when there is no answer in time and size; and what `read` throws
 */
export async function getDocument<T>(
  url: URL,
  { policy, lookup, ca, deadlineMs, maxBytes }: DocumentOptions,
  read: (answer: Dispatcher.ResponseData) => Promise<T>,
): Promise<T> {
  const client = new Client(url.origin, {
    connect: guardedConnector({ policy, connectMs: deadlineMs, ca, lookup }),
    maxResponseSize: maxBytes,
    maxHeaderSize: MAX_HEADER_BYTES,
  })
  try {
    const answer = await client.request({
      path: `${url.pathname}${url.search}`,
      method: 'GET',
      headers: { accept: 'application/json', 'accept-encoding': 'identity', 'user-agent': 'maximo-mcp' },
      signal: AbortSignal.timeout(deadlineMs),
    })
    return await read(answer)
  } finally {
    await client.destroy()
  }
}

const MAX_HEADER_BYTES = 16_384
