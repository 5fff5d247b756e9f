import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Server as TlsServer } from 'node:tls'
import type { Leaving } from './load/leaving.ts'

/** What is still running then is cut, so that a stop ends before an orchestrator kills. */
const FINISH_MS = 20_000

export interface ConnectionRules {
  /** Open connections of the listener; as many as come without it. */
  readonly max?: number
  /** Once it has begun every answer says `Connection: close`, so that clients and balancers come again elsewhere. */
  readonly leaving?: Pick<Leaving, 'isLeaving'>
}

/**
 * Who is connected to a listener, and who of them waits for nothing. One connection too many ends the one that has been
 * idle longest: whoever opens thousands and keeps them shuts nobody out.
 */
export class Connections {
  readonly #server: Server
  readonly #rules: ConnectionRules
  readonly #open = new Set<Socket>()
  /** Without an unanswered request; the longest idle first. */
  readonly #idle = new Set<Socket>()
  readonly #unanswered = new WeakMap<Socket, number>()

  constructor(server: Server, rules: ConnectionRules = {}) {
    this.#server = server
    this.#rules = rules
    // Over TLS a request names the encrypted socket, not the one beneath it.
    server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) =>
      this.#came(socket),
    )
    server.prependListener('request', (request, response) => this.#asked(request, response))
  }

  /**
   * Lets `close` of the server end. Node closes idle connections by itself, but it counts one that never sent a request as
   * busy, and a client's pool may hold such a connection open for as long as it likes.
   */
  drain(): void {
    for (const socket of this.#idle) socket.destroy()
    setTimeout(() => this.#server.closeAllConnections(), FINISH_MS).unref()
  }

  #came(socket: Socket): void {
    this.#open.add(socket)
    this.#idle.add(socket)
    socket.once('close', () => {
      this.#open.delete(socket)
      this.#idle.delete(socket)
    })
    if (this.#open.size <= (this.#rules.max ?? Infinity)) return
    // It may be the new one itself, when all others are busy.
    const [longest] = this.#idle
    longest?.destroy()
  }

  #asked({ socket }: IncomingMessage, response: ServerResponse): void {
    this.#idle.delete(socket)
    this.#unanswered.set(socket, this.#unansweredOn(socket) + 1)
    response.once('close', () => this.#answered(socket))
    if (this.#rules.leaving?.isLeaving === true) response.setHeader('connection', 'close')
  }

  /** Requests may come before the answer to the last (RFC 9112 §9.3.2). */
  #answered(socket: Socket): void {
    const left = this.#unansweredOn(socket) - 1
    this.#unanswered.set(socket, left)
    if (left === 0 && !socket.destroyed) this.#idle.add(socket)
  }

  #unansweredOn(socket: Socket): number {
    return this.#unanswered.get(socket) ?? 0
  }
}
