import { gzipSync } from 'node:zlib'
import { jsonLine } from '../formats/formats.ts'
import { asSentinelRow } from '../formats/sentinel-row.ts'
import { SecretMissing } from '../secret-source.ts'
import { type Batch, type Delivery, type Receiver, undelivered } from '../sink.ts'
import { type EntraOptions, EntraToken } from './entra-token.ts'
import { HttpReceiver, statusFailure } from './http.ts'

export interface SentinelOptions extends EntraOptions {
  /** Logs ingestion endpoint of the data collection rule or endpoint. */
  readonly endpoint: string
  /** Immutable id of the data collection rule, `dcr-…`. */
  readonly ruleId: string
  /** `Custom-…`, as the rule declares it. */
  readonly stream: string
}

/** Logs ingestion API of Azure Monitor, 2023-01-01: a JSON array of at most 1 MB, compressed or not; answered by 204. */
export function sentinelReceiver(options: SentinelOptions): Receiver {
  const http = new HttpReceiver({ url: options.endpoint, ca: options.ca, clock: options.clock })
  const token = new EntraToken(options)
  const path = `/dataCollectionRules/${options.ruleId}/streams/${options.stream}?api-version=2023-01-01`
  return {
    ...{ maxEvents: 1_000, maxBytes: 1_000_000, framingBytes: 1 },
    encode: (event) => Buffer.from(jsonLine(asSentinelRow(event))),
    deliver: async (batch, signal) => {
      try {
        return await send(batch, { http, token, path, signal })
      } catch (error) {
        if (error instanceof SecretMissing) return undelivered('secret_unreadable', error.message)
        throw error
      }
    },
    close: async () => {
      await http.close()
      await token.close()
    },
  }
}

interface Sending {
  readonly http: HttpReceiver
  readonly token: EntraToken
  readonly path: string
  readonly signal: AbortSignal
}

async function send({ encoded }: Batch, { http, token, path, signal }: Sending): Promise<Delivery> {
  const bearer = await token.get(signal)
  if ('ok' in bearer) return bearer
  const rows = encoded.flatMap((one, at) => (at === 0 ? [one] : [COMMA, one]))
  const body = gzipSync(Buffer.concat([OPEN, ...rows, CLOSE]))
  const headers = {
    authorization: `Bearer ${bearer.reveal()}`,
    'content-type': 'application/json',
    'content-encoding': 'gzip',
  }
  const posted = await http.post(path, body, headers, signal)
  if (!posted.ok) return posted
  const failure = statusFailure(posted.answer)
  if (failure?.reason === 'unauthorized') token.forget()
  return failure ?? { ok: true }
}

const OPEN = Buffer.from('[')
const CLOSE = Buffer.from(']')
const COMMA = Buffer.from(',')
