import { verifyWebhook } from '@clerk/backend/webhooks'
import type { Secret } from '../../kernel/secret.ts'

export interface SignedDelivery {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** As it came: the signature is over these bytes, and JSON that was read and written again has others. */
  readonly body: Buffer
}

export interface Delivery {
  /** `svix-id`: the same at every attempt to deliver the same event. */
  readonly id: string
  readonly event: { readonly type: string; readonly data: unknown }
}

/**
 * Whether Clerk sent this, within five minutes of the machine's clock; null when not. The library remembers nothing, so
 * a delivery that was read off the wire passes again until then: whoever acts on it looks at `id`.
 */
export async function verifyDelivery(
  { headers, body }: SignedDelivery,
  secret: Secret<string>,
): Promise<Delivery | null> {
  const shown = new Headers()
  for (const name of SIGNATURE_HEADERS) {
    const value = headers[name]
    if (typeof value !== 'string' || value.length > MAX_HEADER_CHARS) return null
    shown.set(name, value)
  }
  try {
    const request = new Request(ANY_URL, { method: 'POST', headers: shown, body: new Uint8Array(body) })
    const { type, data } = await verifyWebhook(request, { signingSecret: secret.reveal() })
    return { id: shown.get('svix-id') ?? '', event: { type, data } }
  } catch {
    // The library throws for every reason alike; none of them is for whoever sent this.
    return null
  }
}

const SIGNATURE_HEADERS = ['svix-id', 'svix-timestamp', 'svix-signature'] as const
const MAX_HEADER_CHARS = 1_000
/** The library takes a request and looks at its headers and body alone. */
const ANY_URL = 'http://localhost/'
