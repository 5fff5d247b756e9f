import fc from 'fast-check'
import { request } from 'undici'
import { afterAll, beforeAll } from 'vitest'
import type { Simulator, SimulatorOptions } from '../../../src/dev/simulator/contract.ts'
import { createOracle, type Oracle } from '../../../src/dev/simulator/oracle.ts'
import { startSimulator } from '../../../src/dev/simulator/simulator.ts'
import { PROBE } from '../../support/wire/probe.ts'

/** Sunday noon in New York. */
export const NOON_MS = Date.UTC(2026, 10, 22, 17)

/** A clock that stands still until it is moved. */
export class HandClock {
  now = NOON_MS
  nowMs = (): number => this.now
  monotonicMs = (): number => this.now
}

export interface Answered {
  readonly status: number
  readonly headers: Record<string, string | string[] | undefined>
  readonly text: string
  /** The parsed body; a text that is no JSON parses as an empty object. */
  readonly json: Body
}

/** A record as an answer shows it. */
export interface Shown {
  readonly href: string
  readonly localref: string
  readonly [name: string]: unknown
}

/** What tests read of an answer; which parts are there is what they test. */
export interface Body {
  readonly member: readonly Shown[]
  readonly href: string
  readonly responseInfo: {
    readonly href: string
    readonly pagenum: number
    readonly totalCount: number
    readonly totalPages: number
    readonly nextPage?: { readonly href: string }
    readonly previousPage?: { readonly href: string }
  }
  readonly Error: { readonly reasonCode: string; readonly statusCode: string; readonly message: string }
  readonly totalCount: number
  readonly properties: Readonly<Record<string, Shown>>
  readonly [name: string]: unknown
}

export interface Asking {
  /** Account or user whose API key is sent; null sends none. */
  readonly as?: string | null
  readonly headers?: Record<string, string>
  readonly context?: 'api' | 'oslc'
  readonly method?: 'GET' | 'POST' | 'DELETE' | 'PUT'
  readonly body?: string
}

export interface Posting extends Asking {
  readonly override?: string
  readonly parameters?: Record<string, string>
}

/** A simulator for one test file, with a client that adds `lean=1` and nothing else. */
export class RunningPlant {
  #simulator: Simulator | null = null
  readonly clock = new HandClock()

  get simulator(): Simulator {
    if (this.#simulator === null) throw new Error('not started')
    return this.#simulator
  }

  get oracle(): Oracle {
    return createOracle(this.simulator.plant)
  }

  oracleOf(...sites: string[]): Oracle {
    return createOracle(this.simulator.plant, sites)
  }

  async start(options: Partial<SimulatorOptions>): Promise<void> {
    this.#simulator = await startSimulator({ port: 0, clock: this.clock, ...options })
  }

  async stop(): Promise<void> {
    await this.#simulator?.close()
  }

  /** `path` is below the context; parameters are percent-encoded as a careful client does. */
  ask(path: string, parameters: Record<string, string> = {}, asking: Asking = {}): Promise<Answered> {
    const query = Object.entries({ lean: '1', ...parameters })
      .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
      .join('&')
    return this.askRaw(`${path}?${query}`, asking)
  }

  /** Posts a JSON body; `override` becomes `x-method-override`. */
  post(path: string, payload: unknown, posting: Posting = {}): Promise<Answered> {
    const override = posting.override === undefined ? {} : { 'x-method-override': posting.override }
    return this.ask(path, posting.parameters ?? {}, {
      ...posting,
      method: 'POST',
      headers: { 'content-type': 'application/json', ...override, ...posting.headers },
      body: JSON.stringify(payload),
    })
  }

  /** A merge-update, as a careful client sends it. */
  patch(path: string, payload: unknown, posting: Posting = {}): Promise<Answered> {
    const headers = { patchtype: 'MERGE', ...posting.headers }
    return this.post(path, payload, { override: 'PATCH', ...posting, headers })
  }

  async askRaw(target: string, asking: Asking = {}): Promise<Answered> {
    const user = asking.as === undefined ? 'WILSON' : asking.as
    const key = user === null ? {} : { apikey: this.simulator.accounts.of(user).apiKey }
    const separator = target === '' ? '' : '/'
    const answered = await request(
      `${this.simulator.baseUrl}/${asking.context ?? 'api'}${separator}${target}`,
      {
        method: asking.method ?? 'GET',
        headers: { ...PROBE, ...key, ...asking.headers },
        ...(asking.body === undefined ? {} : { body: asking.body }),
      },
    )
    const text = await answered.body.text()
    return { status: answered.statusCode, headers: answered.headers, text, json: parsed(text) }
  }
}

function parsed(text: string): Body {
  try {
    // Tests assert what they read; the type only names it.
    return JSON.parse(text) as Body
  } catch {
    return {} as Body
  }
}

/** Starts a simulator before the file's tests and ends it after them. */
export function runningPlant(options: Partial<SimulatorOptions> = {}): RunningPlant {
  const plant = new RunningPlant()
  beforeAll(() => plant.start(options))
  afterAll(() => plant.stop())
  return plant
}

/** Any character, lone surrogates included. (The arbitrary of fast-check itself takes seconds to build.) */
export const anyCharacter = fc.integer({ min: 1, max: 0x10ffff }).map((code) => String.fromCodePoint(code))

/** What a refusal says: status, code, and that its status is repeated as a text. */
export const refusalOf = ({ status, json }: Answered): unknown[] => [
  status,
  json.Error.reasonCode,
  json.Error.statusCode,
]

/** The path below the context of an address that an answer gave. */
export const pathOf = (href: unknown): string => String(href).replace(/^.*?(?=\b(os|wf)\/)/, '')

/** Records inside a record. */
export const rowsIn = (value: unknown): readonly Shown[] => {
  if (!Array.isArray(value)) throw new Error('not an array')
  return value as Shown[]
}

/** Groups, which come as a bare array. */
export const groupsIn = (body: unknown): readonly Shown[] => rowsIn(body)

/** The keys of work orders, sorted: what two answers are compared by. */
export const keysOf = (rows: readonly Record<string, unknown>[]): string[] =>
  rows.map((row) => `${String(row['siteid'])}/${String(row['wonum'])}`).sort()
