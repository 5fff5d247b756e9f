import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { startChild, type Child } from './child.ts'
import type { Contender } from './measure.ts'
import type { Whose } from './mint-token.ts'
import { startRedis } from './redis-server.ts'
import { toolArguments, PAGES, type PageName } from './workload.ts'

export const OURS = 'maximo-mcp (Redis, audit)'
export const OURS_IN_PROCESS = 'maximo-mcp (in-process store)'
/** Ours, with nothing of its security. */
export const OPEN = 'maximo-mcp (no security)'
/** Ours, but nothing of what is done is written down. */
export const UNWRITTEN = 'maximo-mcp (in-process store, no audit)'
/** Ours, where each hundredth call brings a token that is in no cache: one that somebody known refreshed. */
export const REFRESHED = 'maximo-mcp (Redis, audit, 1 % refreshed tokens)'
/** Ours, where each hundredth call is the first of somebody whose Maximo it does not know yet either. */
export const NEWCOMERS = 'maximo-mcp (Redis, audit, 1 % newcomers)'
/** As its documentation shows it. */
export const SDK = 'official SDK, no security'
/** With the schemas of its tools made outside the factory. */
export const SDK_TUNED = 'official SDK, schemas made once'
export const PROXY = 'Fastify + undici, no MCP'

export interface Setting {
  readonly tools: number
  readonly page: PageName
}

export interface LineUp {
  readonly contenders: readonly Contender[]
  /** The two MCP servers, asked for `tools/list` instead. */
  readonly listing: readonly Contender[]
  close(): Promise<void>
}

const SERVER_CORE = 0
const OTHER_CORE = 1

/** What was started, ended in the reverse order. */
class Started {
  readonly #ends: (() => Promise<void>)[] = []

  async child(name: string, env: Readonly<Record<string, string>>, core = SERVER_CORE): Promise<Child> {
    const child = await startChild(name, env, core)
    this.ends(() => child.stop())
    return child
  }

  ends(end: () => Promise<void>): void {
    this.#ends.push(end)
  }

  async close(): Promise<void> {
    for (const end of this.#ends.splice(0).reverse()) await end()
  }
}

/**
 * Starts upstream, Redis and the eight servers, each in a process of its own.
 *
 * @throws when one of them does not start; none is left behind
 */
export async function lineUp(setting: Setting): Promise<LineUp> {
  const started = new Started()
  try {
    return { ...(await startAll(setting, started)), close: () => started.close() }
  } catch (error) {
    await started.close()
    throw error
  }
}

async function startAll(setting: Setting, started: Started): Promise<Omit<LineUp, 'close'>> {
  const folder = await mkdtemp(join(tmpdir(), 'maximo-mcp-bench-'))
  started.ends(() => rm(folder, { recursive: true, force: true }))
  const redis = await startRedis(join(folder, 'redis'), OTHER_CORE)
  started.ends(() => redis.stop())
  const upstream = await started.child('upstream', { BENCH_PAGE: setting.page }, OTHER_CORE)
  const shared = {
    BENCH_UPSTREAM: upstream.ready['url'] ?? '',
    BENCH_API_KEY: upstream.ready['apiKey'] ?? '',
    BENCH_TOOLS: String(setting.tools),
  }
  const withStore = { ...shared, DATA_DIR: join(folder, 'a'), REDIS_URL: redis.url }
  const refreshed: Spares = { BENCH_SPARE_TOKENS: String(SPARE_TOKENS), BENCH_SPARES_OF: 'refreshed' }
  const ours = await started.child('our-server', { ...withStore, ...refreshed })
  // A server of their own: what it keeps of newcomers would be in the way of the others.
  const apart = { ...shared, DATA_DIR: join(folder, 'e'), REDIS_URL: `${redis.url}/1` }
  const newcomers: Spares = { ...refreshed, BENCH_SPARES_OF: 'newcomer' }
  const meeting = await started.child('our-server', { ...apart, ...newcomers })
  const embedded = await started.child('our-server', { ...shared, DATA_DIR: join(folder, 'b') })
  const open = await started.child('open-server', { ...shared, DATA_DIR: join(folder, 'c') })
  const guarded = { BENCH_GUARDED: 'yes', DATA_DIR: join(folder, 'd') }
  const unwritten = await started.child('open-server', { ...shared, ...guarded })
  const sdk = await started.child('sdk-server', { ...shared, BENCH_SCHEMAS: 'factory' })
  const tuned = await started.child('sdk-server', { ...shared, BENCH_SCHEMAS: 'once' })
  const proxy = await started.child('proxy-server', shared)
  return {
    contenders: [
      contender(OURS, ours, setting),
      contender(OURS_IN_PROCESS, embedded, setting),
      contender(OPEN, open, setting),
      contender(UNWRITTEN, unwritten, setting),
      await withStrangers(contender(REFRESHED, ours, setting)),
      await withStrangers(contender(NEWCOMERS, meeting, setting)),
      contender(SDK, sdk, setting),
      contender(SDK_TUNED, tuned, setting),
      contender(PROXY, proxy, setting),
    ],
    listing: [lister(OURS, ours), lister(SDK, sdk)],
  }
}

/** More than are met: in each round a hundredth of what one process answers in two seconds. */
const SPARE_TOKENS = 3_000
type Spares = { readonly BENCH_SPARE_TOKENS: string; readonly BENCH_SPARES_OF: Whose }

async function withStrangers(contender: Contender): Promise<Contender> {
  const spares = z
    .array(z.string())
    .parse(JSON.parse(await readFile(contender.child.ready['spares'] ?? '', 'utf8')))
  const next = (): string => {
    const token = spares.pop()
    if (token === undefined) throw new Error(`more than ${SPARE_TOKENS} tokens were needed`)
    return token
  }
  return { ...contender, target: { ...contender.target, strangers: { every: 100, next } } }
}

const ERA = '2026-07-28'
const META = 'io.modelcontextprotocol/'

const contender = (name: string, child: Child, setting: Setting): Contender => {
  const params = { name: 'query_records', arguments: toolArguments(PAGES[setting.page].rows) }
  return asking(name, child, { method: 'tools/call', params, headers: { 'mcp-name': params.name } })
}

const lister = (name: string, child: Child): Contender =>
  asking(name, child, { method: 'tools/list', params: {}, headers: {} })

interface Message {
  readonly method: string
  readonly params: Readonly<Record<string, unknown>>
  /** Besides those of every message. */
  readonly headers: Readonly<Record<string, string>>
}

function asking(name: string, child: Child, { method, params, headers }: Message): Contender {
  const { url = '', token } = child.ready
  const all = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': ERA,
    'mcp-method': method,
    ...headers,
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  }
  const envelope = { [`${META}protocolVersion`]: ERA, [`${META}clientCapabilities`]: {} }
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: envelope } })
  // Ours lists a part of its tools unless it is asked for all; the others do not read a query.
  return { name, child, target: { url: `${url}?toolsets=all`, headers: all, body } }
}
