import { appendFileSync } from 'node:fs'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { SIMULATOR_LISTENS } from '../../../src/dev/simulator/wire/wire-watch.ts'

/** What undici says of a request when its head goes out. */
interface Sent {
  readonly request: { readonly origin?: unknown; readonly method: string; readonly path: string }
  readonly headers: string
  readonly socket: { readonly remoteAddress?: string | undefined }
}

interface Watch {
  /** Origins at which a test has the product's Maximo client ask. */
  readonly expected: Set<string>
  record: (sent: unknown) => void
}

/** Of the process: test files share it, and may load this module each for itself. */
const shared = globalThis as typeof globalThis & { maximoHosts?: Watch }
const watch = (shared.maximoHosts ??= { expected: new Set(), record: () => undefined })

/** From now on the product may ask here; simulators of this process need no mention. */
export const expectRequestsAt = (address: string): void => {
  watch.expected.add(new URL(address).origin)
}

/**
 * No other host: appends to a file, one JSON a line, every request of this process that the product's Maximo client sends
 * anywhere but where a test expects it, or over a connection that leaves this machine.
 */
export const recordStrangers = (file: string, about: () => object): void => {
  unsubscribe(SENT, watch.record)
  unsubscribe(SIMULATOR_LISTENS, simulatorListens)
  watch.record = (sent) => {
    const { request, headers, socket } = sent as Sent
    if (!isOfMaximoClient(request.method, headers)) return
    const origin = String(request.origin)
    if (watch.expected.has(origin) && LOOPBACK.test(socket.remoteAddress ?? '')) return
    const seen = `${request.method} ${origin}${request.path.split('?')[0] ?? ''}`
    const breach = { rule: 'stranger', request: seen, at: socket.remoteAddress, ...about() }
    appendFileSync(file, `${JSON.stringify(breach)}\n`)
  }
  subscribe(SENT, watch.record)
  subscribe(SIMULATOR_LISTENS, simulatorListens)
}

const simulatorListens = (origin: unknown): void => {
  watch.expected.add(String(origin))
}

/** To Maximo, or to the token endpoint that its credential names; what else the product fetches has rules of its own. */
const isOfMaximoClient = (method: string, headers: string): boolean =>
  PRODUCT.test(headers) && (TO_MAXIMO.test(headers) || (method === 'POST' && A_FORM.test(headers)))

const SENT = 'undici:client:sendHeaders'
const PRODUCT = /^user-agent: maximo-mcp\r?$/im
const TO_MAXIMO = /^x-public-uri: /im
const A_FORM = /^content-type: application\/x-www-form-urlencoded/im
const LOOPBACK = /^(::ffff:)?127\.|^::1$/
