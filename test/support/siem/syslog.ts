import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { createServer, type Server, type TLSSocket, type TlsOptions } from 'node:tls'

/** The parts of an RFC 5424 message whose structured data is one element without escapes. */
export interface SyslogMessage {
  readonly priority: number
  readonly timestamp: string
  readonly hostname: string
  readonly app: string
  readonly procId: string
  readonly msgId: string
  readonly data: string
  readonly text: string
}

/** Frames of RFC 5425 out of a whole stream. @throws for whatever is no frame, and for a rest */
export function readFrames(stream: Buffer): Buffer[] {
  const frames: Buffer[] = []
  for (let at = 0; at < stream.length;) {
    const space = stream.indexOf(' ', at)
    const length = stream.toString('latin1', at, space)
    if (space === -1 || !/^[1-9]\d{0,6}$/.test(length)) throw new Error(`no frame at byte ${at}`)
    const end = space + 1 + Number(length)
    if (end > stream.length) throw new Error(`half a frame at byte ${at}`)
    frames.push(stream.subarray(space + 1, end))
    at = end
  }
  return frames
}

/** @throws for what is no message of RFC 5424 §6 */
export function readMessage(frame: Buffer): SyslogMessage {
  const found = MESSAGE.exec(frame.toString('utf8'))?.groups
  if (found === undefined) throw new Error('not a message of RFC 5424')
  const { priority, text = '', ...header } = found
  return { priority: Number(priority), text, ...(header as Omit<SyslogMessage, 'priority' | 'text'>) }
}

const MESSAGE =
  /^<(?<priority>\d{1,3})>1 (?<timestamp>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (?<hostname>[!-~]{1,255}) (?<app>[!-~]{1,48}) (?<procId>[!-~]{1,128}) (?<msgId>[!-~]{1,32}) \[(?<data>[^\]"\\]*"[^\]"\\]*")\] (?<text>[^\n\r\0]*)$/

/** Takes a stream when it ended in order and every frame of it is a message; else the connection is reset. */
export class SyslogServer {
  readonly #tls: TlsOptions
  readonly messages: SyslogMessage[] = []
  readonly troubles: string[] = []
  /** Connections that are cut before their end is answered, without anything being taken. */
  cuts = 0
  readonly #raw = new Map<number, Socket>()
  #server: Server | null = null
  #port = 0

  constructor(tls: TlsOptions) {
    this.#tls = tls
  }

  get port(): number {
    return this.#port
  }

  async up(): Promise<this> {
    this.#server = createServer({ ...this.#tls, allowHalfOpen: true }, (socket) => this.#hear(socket))
    this.#server.on('tlsClientError', () => undefined)
    this.#server.on('connection', (raw: Socket) => {
      const port = raw.remotePort ?? 0
      this.#raw.set(port, raw)
      raw.once('close', () => this.#raw.delete(port))
    })
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
    for (const raw of this.#raw.values()) raw.destroy()
    await once(server, 'close')
  }

  #hear(socket: TLSSocket): void {
    const parts: Buffer[] = []
    socket.on('error', () => undefined)
    socket.on('data', (part: Buffer) => parts.push(part))
    socket.on('end', () => {
      if (this.cuts > 0) {
        this.cuts -= 1
        this.#reset(socket)
        return
      }
      try {
        this.messages.push(...readFrames(Buffer.concat(parts)).map(readMessage))
        socket.end()
      } catch (error) {
        this.troubles.push(String(error))
        this.#reset(socket)
      }
    })
  }

  /** As the system does for a process that died with unread bytes. */
  #reset({ remotePort = 0 }: TLSSocket): void {
    this.#raw.get(remotePort)?.resetAndDestroy()
  }
}
