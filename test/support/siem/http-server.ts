import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'

export interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

export interface Said {
  readonly status: number
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface TlsPair {
  readonly key: Buffer
  readonly cert: Buffer
}

/** A listener that a test takes away and brings back under the same address. */
export class HttpServer {
  readonly #answer: (asked: Asked) => Said | null
  readonly #tls: TlsPair | undefined
  #server: Server | null = null
  #port = 0

  /** @param answer `null`: the connection is broken off without one */
  constructor(answer: (asked: Asked) => Said | null, tls?: TlsPair) {
    this.#answer = answer
    this.#tls = tls
  }

  get origin(): string {
    return `${this.#tls === undefined ? 'http' : 'https'}://127.0.0.1:${this.#port}`
  }

  get port(): number {
    return this.#port
  }

  async up(): Promise<this> {
    const listener = (request: IncomingMessage, response: ServerResponse): void => {
      const parts: Buffer[] = []
      request.on('data', (part: Buffer) => parts.push(part))
      request.on('end', () => {
        const { method = '', url = '', headers } = request
        const said = this.#answer({ method, path: url, headers, body: Buffer.concat(parts) })
        if (said === null) request.socket.destroy()
        else response.writeHead(said.status, said.headers).end(said.body)
      })
    }
    this.#server = this.#tls === undefined ? createServer(listener) : createTlsServer(this.#tls, listener)
    this.#server.listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
    return this
  }

  async down(): Promise<void> {
    const server = this.#server
    if (server === null) return
    this.#server = null
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }
}
