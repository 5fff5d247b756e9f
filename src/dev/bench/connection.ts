import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

const HEAD_END = '\r\n\r\n'

/**
 * One keep-alive connection that sends the same bytes again and again. It reads of an answer what it must (status line,
 * `content-length`), so that load costs a fraction of what it measures: both share one machine.
 */
export class Connection {
  readonly #socket: Socket
  readonly #request: Buffer
  #head = ''
  /** Bytes of the body that are still to come; -1 while the head is. */
  #left = -1
  #status = 0
  #done: ((status: number) => void) | null = null
  #failed: ((error: Error) => void) | null = null

  private constructor(socket: Socket, request: Buffer) {
    this.#socket = socket
    this.#request = request
    socket.on('data', (chunk: Buffer) => this.#take(chunk))
    socket.on('error', (error) => this.#failed?.(error))
    socket.on('close', () => this.#failed?.(new Error('the server closed the connection')))
  }

  static async open(url: URL, request: Buffer): Promise<Connection> {
    const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true })
    await once(socket, 'connect')
    return new Connection(socket, request)
  }

  /** Sends the request, or another one; the status of its answer, once that is whole. */
  call(request: Buffer = this.#request): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#done = resolve
      this.#failed = reject
      this.#socket.write(request)
    })
  }

  close(): void {
    this.#failed = null
    this.#socket.destroy()
  }

  #take(chunk: Buffer): void {
    if (this.#left >= 0) this.#countDown(chunk.length)
    else this.#readHead(chunk)
  }

  #readHead(chunk: Buffer): void {
    this.#head += chunk.toString('latin1')
    const end = this.#head.indexOf(HEAD_END)
    if (end < 0) return
    const length = /\r\ncontent-length: *(\d+)/i.exec(this.#head)?.[1]
    if (length === undefined) {
      this.#failed?.(new Error('an answer without content-length cannot be measured'))
      return
    }
    this.#status = Number(this.#head.slice(9, 12))
    this.#left = Number(length)
    const inBody = this.#head.length - end - HEAD_END.length
    this.#head = ''
    this.#countDown(inBody)
  }

  #countDown(bytes: number): void {
    this.#left -= bytes
    if (this.#left > 0) return
    this.#left = -1
    this.#done?.(this.#status)
  }
}
