import { createHmac, type KeyObject, verify } from 'node:crypto'
import { type Asked, HttpServer, type Said } from './http-server.ts'

interface HookEvent {
  readonly id: string
  readonly n: number
}

export type HookKey = { readonly hmac: Buffer } | { readonly ed25519: KeyObject }

/** Checks what Standard Webhooks says a receiver must: id, time within five minutes, one good signature. */
export class Webhook {
  readonly server: HttpServer
  readonly #key: HookKey
  readonly #nowMs: () => number
  readonly taken: HookEvent[] = []
  readonly duplicates: string[] = []
  readonly moods: Said[] = []
  readonly messages: string[] = []

  constructor(key: HookKey, nowMs: () => number) {
    this.#key = key
    this.#nowMs = nowMs
    this.server = new HttpServer((asked) => this.moods.shift() ?? this.#answer(asked))
  }

  ids(): string[] {
    return this.taken.map(({ id }) => id)
  }

  #answer({ headers, body, path }: Asked): Said {
    const [id, at, signatures] = ['id', 'timestamp', 'signature'].map((name) => headers[`webhook-${name}`])
    if (typeof id !== 'string' || typeof at !== 'string' || typeof signatures !== 'string')
      return { status: 400 }
    if (path !== '/hook?team=7' || headers['content-type'] !== 'application/json') return { status: 404 }
    if (Math.abs(Number(at) - this.#nowMs() / 1000) > 300) return { status: 401 }
    const content = Buffer.concat([Buffer.from(`${id}.${at}.`), body])
    if (!signatures.split(' ').some((one) => this.#isGood(one, content))) return { status: 401 }
    const read = JSON.parse(body.toString('utf8')) as { type: string; data: HookEvent[] }
    if (read.type !== 'audit.events') return { status: 400 }
    this.messages.push(id)
    for (const event of read.data) {
      if (this.ids().includes(event.id)) this.duplicates.push(event.id)
      else this.taken.push(event)
    }
    return { status: 204 }
  }

  #isGood(signature: string, content: Buffer): boolean {
    const [version, value = ''] = signature.split(',')
    if ('hmac' in this.#key)
      return (
        version === 'v1' && createHmac('sha256', this.#key.hmac).update(content).digest('base64') === value
      )
    return version === 'v1a' && verify(null, content, this.#key.ed25519, Buffer.from(value, 'base64'))
  }
}
