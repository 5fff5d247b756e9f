import { z } from 'zod'
import { type Asked, HttpServer, type Said, type TlsPair } from './http-server.ts'

const envelope = z.strictObject({
  time: z.number().positive(),
  host: z.string().min(1),
  source: z.string().min(1),
  sourcetype: z.string().min(1),
  index: z.string().min(1),
  event: z.record(z.string(), z.unknown()),
  fields: z.strictObject({ event_id: z.string().length(43) }),
})
type Envelope = z.infer<typeof envelope>

export interface SplunkOptions {
  readonly token: string
  readonly index: string
  readonly maxBytes?: number
  /** Indexer acknowledgement: after how many questions the answer is yes; -1: never. */
  readonly acknowledgedAfter?: number
  readonly tls?: TlsPair
}

/** An event collector that takes what the manual of Splunk says and nothing else. */
export class Splunk {
  readonly server: HttpServer
  readonly #options: SplunkOptions
  readonly taken: Envelope[] = []
  /** Bodies as they came, those that were refused among them. */
  readonly bodies: string[] = []
  /** Events that came although they were taken before. */
  readonly duplicates: string[] = []
  /** Answers given instead of looking. */
  readonly moods: Said[] = []
  readonly #questions = new Map<string, number>()
  #acks = 0

  constructor(options: SplunkOptions) {
    this.#options = options
    this.server = new HttpServer((asked) => this.moods.shift() ?? this.#answer(asked), options.tls)
  }

  ids(): string[] {
    return this.taken.map(({ fields }) => fields.event_id)
  }

  #answer({ method, path, headers, body }: Asked): Said {
    const { token, maxBytes = 1_000_000, acknowledgedAfter } = this.#options
    if (method !== 'POST') return said(405, 404, 'Method Not Allowed')
    if (headers.authorization === undefined) return said(401, 2, 'Token is required')
    if (!headers.authorization.startsWith('Splunk ')) return said(401, 3, 'Invalid authorization')
    if (headers.authorization !== `Splunk ${token}`) return said(403, 4, 'Invalid token')
    const channel = headers['x-splunk-request-channel']
    if (typeof channel !== 'string' || !GUID.test(channel)) return said(400, 10, 'Data channel is missing')
    if (path === '/services/collector/ack') return this.#acknowledge(channel, body)
    if (path !== '/services/collector/event') return said(404, 404, 'Not Found')
    if (body.length > maxBytes) return { status: 413, body: '{"text":"too large"}' }
    return this.#take(body.toString('utf8'), channel, acknowledgedAfter)
  }

  #take(body: string, channel: string, acknowledgedAfter: number | undefined): Said {
    this.bodies.push(body)
    if (body === '') return said(400, 5, 'No data')
    const events: Envelope[] = []
    for (const line of body.split('\n').filter((one) => one !== '')) {
      const read = envelope.safeParse(jsonOf(line))
      if (!read.success) return said(400, 6, 'Invalid data format')
      if (read.data.index !== this.#options.index) return said(400, 7, 'Incorrect index')
      events.push(read.data)
    }
    for (const event of events) {
      if (this.ids().includes(event.fields.event_id)) this.duplicates.push(event.fields.event_id)
      else this.taken.push(event)
    }
    if (acknowledgedAfter === undefined) return said(200, 0, 'Success')
    const ackId = this.#acks++
    this.#questions.set(`${channel} ${ackId}`, acknowledgedAfter)
    return { status: 200, body: JSON.stringify({ text: 'Success', code: 0, ackId }) }
  }

  #acknowledge(channel: string, body: Buffer): Said {
    const asked = z.strictObject({ acks: z.array(z.int()) }).safeParse(jsonOf(body.toString()))
    if (!asked.success) return said(400, 6, 'Invalid data format')
    if (this.#options.acknowledgedAfter === undefined) return said(400, 14, 'ACK is disabled')
    const acks = asked.data.acks.map((id) => {
      const left = this.#questions.get(`${channel} ${id}`) ?? -1
      this.#questions.set(`${channel} ${id}`, left - 1)
      return [String(id), left === 0] as const
    })
    return { status: 200, body: JSON.stringify({ acks: Object.fromEntries(acks) }) }
  }
}

const said = (status: number, code: number, text: string): Said => ({
  status,
  body: JSON.stringify({ text, code }),
})

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
