import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { expectRequestsAt } from '../wire/hosts.ts'
import { FaultyLine } from './faulty-line.ts'
import type { ProxyFault, Strike } from './proxy-fault.ts'

/** A TCP proxy on loopback that can do to a connection what networks, load balancers and dying servers do. */
export interface FaultProxy {
  readonly port: number
  /** From now on; faults are tried in the order they were set, the first that strikes applies, alone. */
  set(fault: ProxyFault, strike?: Strike): void
  clear(): void
  /** Exchanges begun so far whose first packet holds the text. */
  exchanges(holding?: string): number
  /** Connections of clients that are open and met a fault in their last exchange. */
  stuck(): number
  /** Connections of clients so far. */
  connections(): number
  /** Bytes handed to clients so far. */
  delivered(): number
  /** Nobody listens on the port any more; what is connected is reset. */
  refuse(): Promise<void>
  /** Listens again on the same port. */
  listen(): Promise<void>
  close(): Promise<void>
}

/** @param to Port on loopback of the server behind it. */
export async function openFaultProxy(to: number): Promise<FaultProxy> {
  const proxy = new Proxy(to)
  await proxy.listen()
  expectRequestsAt(`http://127.0.0.1:${proxy.port}`)
  return proxy
}

interface Rule {
  readonly fault: ProxyFault
  readonly when: string
  left: number
}

class Proxy implements FaultProxy {
  readonly #to: number
  readonly #lines = new Set<FaultyLine>()
  readonly #server: Server
  #port = 0
  #rules: Rule[] = []
  #asked: string[] = []
  #connections = 0
  #delivered = 0

  constructor(to: number) {
    this.#to = to
    this.#server = createServer((client) => this.#connected(client))
  }

  get port(): number {
    return this.#port
  }

  set(fault: ProxyFault, { when = '', times = Infinity }: Strike = {}): void {
    this.#rules.push({ fault, when, left: times })
  }

  clear(): void {
    this.#rules = []
  }

  exchanges(holding = ''): number {
    return this.#asked.filter((asked) => asked.includes(holding)).length
  }

  stuck(): number {
    return [...this.#lines].filter(({ isFaulty }) => isFaulty).length
  }

  connections(): number {
    return this.#connections
  }

  delivered(): number {
    return this.#delivered
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(this.#port, '127.0.0.1', resolve)
    })
    this.#port = (this.#server.address() as AddressInfo).port
  }

  async refuse(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    for (const line of this.#lines) line.reset()
    await closed
  }

  async close(): Promise<void> {
    if (this.#server.listening) await this.refuse()
  }

  #connected(client: Socket): void {
    this.#connections += 1
    const line: FaultyLine = new FaultyLine(client, {
      to: this.#to,
      faultFor: (packet) => this.#faultFor(packet),
      delivered: (bytes) => (this.#delivered += bytes),
      closed: () => this.#lines.delete(line),
    })
    this.#lines.add(line)
  }

  #faultFor(packet: Buffer): ProxyFault | null {
    const asked = packet.toString('latin1')
    this.#asked.push(asked)
    const rule = this.#rules.find(({ left, when }) => left > 0 && asked.includes(when))
    if (rule === undefined) return null
    rule.left -= 1
    return rule.fault
  }
}
