import { gunzipSync } from 'node:zlib'
import { z } from 'zod'
import { type Asked, HttpServer, type Said } from './http-server.ts'

/** The stream as docs/operate/audit-sinks.md has it declared. */
const row = z.strictObject({
  TimeGenerated: z.iso.datetime(),
  EventId: z.string().length(43),
  Origin: z.string(),
  Sequence: z.int().positive(),
  ...Object.fromEntries(
    [
      ...[
        'EventType',
        'Outcome',
        'Operation',
        'Principal',
        'AuthMethod',
        'Resource',
        'Action',
        'QueryParams',
      ],
      ...['SourceIP', 'UserAgent', 'CorrelationId', 'MasInstance', 'Reason', 'Tool', 'TokenId', 'GrantId'],
      ...['ClientId', 'EnvironmentId', 'SessionId'],
    ].map((column) => [column, z.string().optional()]),
  ),
  ResponseCode: z.int().optional(),
  RecordCount: z.int().optional(),
  DurationMs: z.number().optional(),
  AdditionalFields: z.record(z.string(), z.unknown()).optional(),
})
type Row = z.infer<typeof row> & { readonly EventId: string; readonly Sequence: number }

export interface SentinelOptions {
  readonly tenantId: string
  readonly clientId: string
  readonly clientSecret: string
  readonly ruleId: string
  readonly stream: string
  readonly maxBytes?: number
}

/** Logs ingestion and the token endpoint of Entra behind one address, as strict as their pages say. */
export class Sentinel {
  readonly server: HttpServer
  readonly #options: SentinelOptions
  readonly taken: Row[] = []
  readonly duplicates: string[] = []
  readonly moods: Said[] = []
  /** Tokens that were given out; the last one alone is good. */
  readonly tokens: string[] = []

  constructor(options: SentinelOptions) {
    this.#options = options
    this.server = new HttpServer((asked) => this.#answer(asked))
  }

  ids(): string[] {
    return this.taken.map(({ EventId }) => EventId)
  }

  #answer(asked: Asked): Said {
    const { tenantId, ruleId, stream } = this.#options
    if (asked.method !== 'POST') return { status: 405 }
    if (asked.path === `/${tenantId}/oauth2/v2.0/token`) return this.#token(asked)
    const mood = this.moods.shift()
    if (mood !== undefined) return mood
    const where = `/dataCollectionRules/${ruleId}/streams/${stream}?api-version=2023-01-01`
    if (asked.path !== where) return { status: 404 }
    if (asked.headers.authorization !== `Bearer ${this.tokens.at(-1)}`) return { status: 401 }
    if (asked.headers['content-type'] !== 'application/json') return { status: 415 }
    const { maxBytes = 1_048_576 } = this.#options
    const body = asked.headers['content-encoding'] === 'gzip' ? gunzipSync(asked.body) : asked.body
    if (asked.body.length > maxBytes || body.length > maxBytes) return { status: 413 }
    return this.#take(body)
  }

  #token({ headers, body }: Asked): Said {
    const { clientId, clientSecret } = this.#options
    const form = Object.fromEntries(new URLSearchParams(body.toString()))
    const expected = {
      ...{ grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret },
      scope: 'https://monitor.azure.com/.default',
    }
    const isForm = headers['content-type'] === 'application/x-www-form-urlencoded'
    if (
      !isForm ||
      JSON.stringify(Object.entries(form).sort()) !== JSON.stringify(Object.entries(expected).sort())
    )
      return { status: 401, body: JSON.stringify({ error: 'invalid_client' }) }
    this.tokens.push(`token-${this.tokens.length + 1}`)
    const access_token = this.tokens.at(-1)
    return { status: 200, body: JSON.stringify({ token_type: 'Bearer', expires_in: 3599, access_token }) }
  }

  #take(body: Buffer): Said {
    const read = z
      .array(row)
      .min(1)
      .safeParse(JSON.parse(body.toString('utf8')))
    if (!read.success) return { status: 400, body: read.error.message }
    for (const one of read.data as Row[]) {
      if (this.ids().includes(one.EventId)) this.duplicates.push(one.EventId)
      else this.taken.push(one)
    }
    return { status: 204 }
  }
}
