import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Clock } from '../../../kernel/clock.ts'
import { originText, type SinkEvent } from '../event.ts'
import { type JsonFormat, jsonLine, objectIn } from '../formats/formats.ts'
import { readJson } from '../read-json.ts'
import { SecretMissing, type SecretSource } from '../secret-source.ts'
import {
  type Batch,
  type Delivery,
  type Receiver,
  undelivered,
  type Undelivered,
  type Wait,
} from '../sink.ts'
import { HttpReceiver, statusFailure } from './http.ts'

export interface SplunkOptions {
  readonly url: string
  readonly ca: readonly string[]
  readonly token: SecretSource
  readonly index: string
  readonly sourcetype: string
  readonly host: string
  readonly format: JsonFormat
  /** Whether indexer acknowledgement is switched on for the token: an event counts as taken when it is indexed. */
  readonly acknowledge: boolean
  readonly clock: Clock
  readonly wait: Wait
}

/**
 * Splunk's HTTP Event Collector: JSON objects one after the other to `/services/collector/event`. The id is an indexed
 * field, so that what is sent twice is found by it.
 */
export function splunkReceiver(options: SplunkOptions): Receiver {
  const http = new HttpReceiver(options)
  // Acknowledgements are numbered within a channel.
  const channel = randomUUID()
  return {
    ...{ maxEvents: 500, maxBytes: 800_000, framingBytes: 1 },
    encode: (event) => Buffer.from(jsonLine(envelopeOf(event, options))),
    deliver: async (batch, signal) => {
      try {
        return await send(batch, { ...options, http, channel, signal })
      } catch (error) {
        if (error instanceof SecretMissing) return undelivered('secret_unreadable', error.message)
        throw error
      }
    },
    close: () => http.close(),
  }
}

const envelopeOf = (event: SinkEvent, { index, sourcetype, host, format }: SplunkOptions): object => ({
  // Seconds since the epoch.
  time: event.timeMs / 1000,
  ...{ host, index, sourcetype },
  source: `maximo-mcp:${originText(event.origin)}`,
  event: objectIn(format, event),
  fields: { event_id: event.id },
})

interface Sending extends SplunkOptions {
  readonly http: HttpReceiver
  readonly channel: string
  readonly signal: AbortSignal
}

async function send({ encoded }: Batch, sending: Sending): Promise<Delivery> {
  const body = Buffer.concat(encoded.flatMap((one) => [one, NEWLINE]))
  const answer = await post('/services/collector/event', body, sending)
  if ('ok' in answer) return answer
  if (!sending.acknowledge) return { ok: true }
  if (answer.ackId === undefined)
    return undelivered('refused', 'no ackId: indexer acknowledgement is not switched on for the token')
  return acknowledged(answer.ackId, sending)
}

/** Asks until the indexers have it. @returns `unacknowledged` when they have not in time; it is sent again then */
async function acknowledged(ackId: number, sending: Sending): Promise<Delivery> {
  const body = Buffer.from(JSON.stringify({ acks: [ackId] }))
  for (let asked = 0; asked < ACK_ASKS; asked++) {
    await sending.wait(ACK_EVERY_MS, sending.signal)
    sending.signal.throwIfAborted()
    const answer = await post('/services/collector/ack', body, sending)
    if ('ok' in answer) return answer
    if (answer.acks?.[String(ackId)] === true) return { ok: true }
  }
  return undelivered('unacknowledged', `not indexed within ${(ACK_ASKS * ACK_EVERY_MS) / 1000} s`)
}

const hecAnswer = z.object({
  code: z.int().optional(),
  ackId: z.int().nonnegative().optional(),
  acks: z.record(z.string(), z.boolean()).optional(),
})
type HecAnswer = z.infer<typeof hecAnswer>

async function post(path: string, body: Buffer, sending: Sending): Promise<HecAnswer | Undelivered> {
  const { http, token, channel, signal } = sending
  const headers = {
    authorization: `Splunk ${token().reveal()}`,
    'content-type': 'application/json',
    'x-splunk-request-channel': channel,
  }
  const posted = await http.post(path, body, headers, signal)
  if (!posted.ok) return posted
  const answer = readJson(posted.answer.text, hecAnswer)
  const failure = statusFailure(posted.answer)
  if (failure !== null) return { ...failure, detail: `${failure.detail}${explained(answer?.code)}` }
  return answer ?? undelivered('refused', 'the answer is not one of an event collector')
}

const explained = (code: number | undefined): string => {
  const meaning = code === undefined ? undefined : CODES[code]
  return meaning === undefined ? '' : `, ${meaning}`
}

/** "Possible error codes" of the event collector, those that an operator can do something about. */
const CODES: Readonly<Record<number, string | undefined>> = {
  1: 'the token is disabled',
  2: 'a token is required',
  3: 'the token was not read',
  4: 'the token is not known',
  5: 'no data',
  6: 'the data is not what the collector reads',
  7: 'the token may not write to this index',
  8: 'error inside the collector',
  9: 'the collector is busy',
  10: 'a channel is missing',
  11: 'the channel is not valid',
  12: 'an event is missing',
  13: 'an event is blank',
  14: 'indexer acknowledgement is not switched on for the token',
}

const NEWLINE = Buffer.from('\n')
const ACK_EVERY_MS = 2_000
const ACK_ASKS = 60
