import { createHmac, createPrivateKey, type KeyObject, sign } from 'node:crypto'
import type { Clock } from '../../../kernel/clock.ts'
import { originText } from '../event.ts'
import { type JsonFormat, jsonLine, objectIn } from '../formats/formats.ts'
import { SecretMissing, type SecretSource } from '../secret-source.ts'
import { type Batch, type Delivery, type Receiver, undelivered } from '../sink.ts'
import { HttpReceiver, statusFailure } from './http.ts'

export interface WebhookOptions {
  readonly url: string
  readonly ca: readonly string[]
  /** `whsec_…` (HMAC-SHA256) or `whsk_…` (Ed25519); while one is being replaced there are two. */
  readonly secrets: readonly SecretSource[]
  readonly format: JsonFormat
  readonly clock: Clock
}

/**
 * A POST signed as Standard Webhooks has it (https://www.standardwebhooks.com): `webhook-id` is the same for the same batch,
 * however often it comes; each event in it has its own id.
 */
export function webhookReceiver(options: WebhookOptions): Receiver {
  const { url, format, clock, secrets } = options
  const http = new HttpReceiver(options)
  const { pathname, search } = new URL(url)
  return {
    ...{ maxEvents: 100, maxBytes: 256_000, framingBytes: 1 },
    encode: (event) => Buffer.from(jsonLine(objectIn(format, event))),
    deliver: async (batch, signal) => {
      const body = bodyOf(batch)
      const id = idOf(batch)
      const timestamp = String(Math.floor(clock.nowMs() / 1000))
      const signatures = signed(secrets, Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]))
      if (!Array.isArray(signatures)) return signatures
      const headers = {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': signatures.join(' '),
      }
      const posted = await http.post(`${pathname}${search}`, body, headers, signal)
      if (!posted.ok) return posted
      return statusFailure(posted.answer) ?? { ok: true }
    },
    close: () => http.close(),
  }
}

/** The origin and the numbers between which its events lie. */
function idOf({ events }: Batch): string {
  const [first, last] = [events[0], events.at(-1)]
  if (first === undefined || last === undefined) throw new Error('a batch without events')
  return `audit_${originText(first.origin).replace('/', '_')}_${first.n}_${last.n}_${last.id.slice(0, 8)}`
}

function bodyOf({ events, encoded }: Batch): Buffer {
  const head = JSON.stringify({ type: 'audit.events', timestamp: events[0]?.record.timestamp })
  const rows = encoded.flatMap((one, at) => (at === 0 ? [one] : [Buffer.from(','), one]))
  return Buffer.concat([Buffer.from(`${head.slice(0, -1)},"data":[`), ...rows, Buffer.from(']}')])
}

function signed(
  secrets: readonly SecretSource[],
  content: Buffer,
): string[] | Extract<Delivery, { ok: false }> {
  try {
    return secrets.map((secret) => signature(secret().reveal(), content))
  } catch (error) {
    if (error instanceof SecretMissing) return undelivered('secret_unreadable', error.message)
    throw error
  }
}

/** @throws SecretMissing for what is no signing secret */
export function signature(secret: string, content: Buffer): string {
  const key = signingKey(secret)
  if (Buffer.isBuffer(key)) return `v1,${createHmac('sha256', key).update(content).digest('base64')}`
  return `v1a,${sign(null, content, key).toString('base64')}`
}

function signingKey(secret: string): Buffer | KeyObject {
  const [, kind, encoded = ''] = /^(whsec|whsk)_([A-Za-z0-9+/]+={0,2})$/.exec(secret) ?? []
  const bytes = Buffer.from(encoded, 'base64')
  if (kind === 'whsec' && bytes.length >= 24 && bytes.length <= 64) return bytes
  // An Ed25519 secret key is its seed, alone or with the public key behind it.
  if (kind === 'whsk' && (bytes.length === 32 || bytes.length === 64))
    return createPrivateKey({
      ...{ format: 'der', type: 'pkcs8' },
      key: Buffer.concat([ED25519_PKCS8, bytes.subarray(0, 32)]),
    })
  throw new SecretMissing('a secret is neither whsec_ with 24 to 64 bytes nor whsk_ with an Ed25519 key')
}

/** RFC 8410 §7: everything of a private key but its 32 bytes. */
const ED25519_PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')
