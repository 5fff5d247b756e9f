import { connect, type Socket } from 'node:net'
import type { ProxyFault } from './proxy-fault.ts'

export interface LineOptions {
  /** Port on loopback of the server behind. */
  readonly to: number
  /** Asked once an exchange, with its first packet. */
  readonly faultFor: (packet: Buffer) => ProxyFault | null
  readonly delivered: (bytes: number) => void
  readonly closed: () => void
}

/** One connection of a client, and the one to the server that stands behind it. */
export class FaultyLine {
  readonly #client: Socket
  readonly #server: Socket
  readonly #options: LineOptions
  readonly #timers = new Set<NodeJS.Timeout>()
  #fault: ProxyFault | null = null
  /** The client may ask next: nothing was asked yet, or an answer has begun. */
  #isNext = true
  #isOver = false
  /** Bytes of this answer that came from the server. */
  #answered: Buffer = Buffer.alloc(0)

  constructor(client: Socket, options: LineOptions) {
    this.#client = client
    this.#options = options
    this.#server = connect(options.to, '127.0.0.1')
    client.on('data', (chunk) => this.#asked(chunk))
    client.on('end', () => this.#server.end())
    client.on('error', () => undefined)
    client.on('close', () => this.#close())
    this.#server.on('data', (chunk) => void this.#answer(chunk))
    this.#server.on('end', () => this.#ended())
    this.#server.on('error', () => client.resetAndDestroy())
  }

  /** Its last exchange met a fault. */
  get isFaulty(): boolean {
    return this.#fault !== null
  }

  reset(): void {
    this.#client.resetAndDestroy()
  }

  #close(): void {
    for (const timer of this.#timers) clearInterval(timer)
    this.#server.destroy()
    this.#options.closed()
  }

  #asked(chunk: Buffer): void {
    if (this.#isOver) return
    if (this.#isNext) this.#begin(chunk)
    switch (this.#fault?.kind) {
      case 'silence':
        return
      case 'reset':
        if (this.#fault.when === 'asked') this.reset()
        else this.#server.write(chunk)
        return
      case 'instead':
        this.#isOver = true
        void this.#send(this.#fault.bytes).then(() => this.#client.end())
        return
      case 'delay':
      case 'hold':
      case 'drip':
      case 'cut':
      case 'bend':
      case undefined:
        this.#server.write(chunk)
    }
  }

  #begin(chunk: Buffer): void {
    this.#isNext = false
    this.#answered = Buffer.alloc(0)
    this.#fault = this.#options.faultFor(chunk)
  }

  async #answer(chunk: Buffer): Promise<void> {
    const fault = this.#fault
    switch (fault?.kind) {
      case 'reset':
        this.reset()
        return
      case 'delay':
        if (this.#isNext) await this.#send([chunk])
        else await this.#late(chunk, this.#after(fault.ms))
        return
      case 'hold':
        await this.#late(chunk, fault.until)
        return
      case 'drip':
        this.#drip(chunk, fault)
        return
      case 'cut':
        await this.#cut(chunk, fault)
        return
      case 'bend':
        await this.#bend(chunk, fault.bend)
        return
      case 'silence':
      case 'instead':
      case undefined:
        this.#isNext = true
        await this.#send([chunk])
    }
  }

  #after(ms: number): Promise<void> {
    return new Promise((resolve) => this.#timers.add(setTimeout(resolve, ms)))
  }

  async #late(chunk: Buffer, until: Promise<unknown>): Promise<void> {
    this.#server.pause()
    await until
    this.#isNext = true
    await this.#send([chunk])
    this.#server.resume()
  }

  #drip(chunk: Buffer, { first, everyMs, afterMs }: Extract<ProxyFault, { kind: 'drip' }>): void {
    const isFirst = this.#answered.length === 0
    this.#answered = Buffer.concat([this.#answered, chunk])
    if (!isFirst) return
    this.#isNext = true
    let at = first
    const begin = (): void => {
      void this.#send([this.#answered.subarray(0, first)])
      this.#timers.add(setInterval(drop, everyMs))
    }
    const drop = (): void => {
      if (at < this.#answered.length) void this.#send([this.#answered.subarray(at, at + 1)])
      at += 1
    }
    if (afterMs === undefined) begin()
    else this.#timers.add(setTimeout(begin, afterMs))
  }

  async #cut(
    chunk: Buffer,
    { after, how }: { readonly after: number; readonly how: 'end' | 'reset' },
  ): Promise<void> {
    const left = after - this.#answered.length
    this.#answered = Buffer.concat([this.#answered, chunk])
    if (left > 0) await this.#send([chunk.subarray(0, left)])
    if (this.#answered.length < after || this.#isOver) return
    this.#isOver = true
    if (how === 'end') this.#client.end()
    else this.reset()
  }

  async #bend(chunk: Buffer, bend: (answered: Buffer) => Iterable<Buffer> | null): Promise<void> {
    this.#answered = Buffer.concat([this.#answered, chunk])
    const sent = bend(this.#answered)
    if (sent === null) return
    this.#isNext = true
    await this.#send(sent)
  }

  /** A piece is made when the one before was taken. */
  async #send(pieces: Iterable<Buffer>): Promise<void> {
    for (const piece of pieces) {
      if (this.#client.destroyed) return
      this.#options.delivered(piece.length)
      if (this.#client.write(piece)) continue
      this.#server.pause()
      await new Promise<void>((resolve) => {
        this.#client.once('drain', resolve)
        this.#client.once('close', resolve)
      })
      this.#server.resume()
    }
  }

  #ended(): void {
    if (!this.isFaulty) this.#client.end()
  }
}
