import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Pool } from 'undici'
import { z } from 'zod'
import { startChild, type Child } from '../child.ts'
import { quantile } from '../load.ts'
import { median, ratio, type Sample } from '../measure.ts'
import { openJudge } from '../promise.ts'
import { startRedis } from '../redis-server.ts'
import { HEADERS, tokenForm } from './exchange.ts'
import { lookInside, type TokenFormat } from './look-inside.ts'

const OURS = 'maximo-mcp (Redis, journal, audit)'
const OTHER = 'oidc-provider 9.13.3 (Redis)'
/** Its authors call it development-only: shown, so that nobody has to guess what Redis costs. */
const UNSTORED = 'oidc-provider 9.13.3 (in memory)'
const ROUNDS = 5
const CODES_PER_SLOT = 800
/** Callers at once. Each server counts with the number that suits it best: some work is done once for all who wait. */
const LEVELS = [32, 128] as const
/** Until the engine has compiled what is hot; not measured. */
const WARM_CODES = 4_000
/**
 * The promise of the product, in codes per second of processor time, which is the throughput of a core: with journal and
 * audit on disk before each answer besides, against records in the same Redis.
 */
const PROMISED = { atLeast: 2 }
const CODES = 1 + WARM_CODES + LEVELS.length * ROUNDS * CODES_PER_SLOT
const SERVER_CORE = 0
const REDIS_CORE = 1

type Environment = Readonly<Record<string, string>>
type Samples = ReadonlyMap<string, readonly Sample[]>

interface Contender {
  readonly name: string
  readonly child: Child
  /** Each is good once. */
  readonly codes: string[]
}

/**
 * Measures code exchanges at both token endpoints, prints, and returns 0 when the throughput promise holds
 * (`docs/token-bench.md`).
 */
export async function runTokenBench(print: (line: string) => void): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'maximo-mcp-bench-'))
  const redis = await startRedis(join(folder, 'redis'), REDIS_CORE)
  const children: Child[] = []
  try {
    const start = async (name: string, folderName: string, env: Environment): Promise<Child> => {
      const wanted = { BENCH_CODES: String(CODES), DATA_DIR: join(folder, folderName) }
      const child = await startChild(name, { ...env, ...wanted }, SERVER_CORE)
      children.push(child)
      return child
    }
    const portal = await start('token-portal', 'portal', { REDIS_URL: redis.url })
    const peer = { NODE_ENV: 'production', BENCH_CLAIM_CHARS: portal.ready['receiptChars'] ?? '' }
    const contenders = [
      await contender(OURS, portal),
      await contender(OTHER, await start('oidc-provider', 'stored', { ...peer, REDIS_URL: redis.url })),
      await contender(UNSTORED, await start('oidc-provider', 'unstored', peer)),
    ]
    const format = await assertSameFormat(contenders)
    return report(await measureAll(contenders), format, print)
  } finally {
    for (const child of children) await child.stop()
    await redis.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function contender(name: string, child: Child): Promise<Contender> {
  const codes = JSON.parse(await readFile(child.ready['codes'] ?? '', 'utf8')) as string[]
  return { name, child, codes }
}

/**
 * Before anything is timed: all give a token of the same make and, within a tenth, of the same length.
 *
 * @throws naming what differs.
 */
async function assertSameFormat(contenders: readonly Contender[]): Promise<TokenFormat> {
  const formats = await Promise.all(contenders.map(formatOf))
  const [own] = formats
  if (own === undefined) throw new Error('nobody to compare')
  for (const format of formats) {
    const isSame = format.outer === own.outer && Math.abs(own.chars - format.chars) <= own.chars / 10
    if (!isSame || !ED25519.has(format.inner))
      throw new Error(`other tokens: ${JSON.stringify(format)}, not ${JSON.stringify(own)}`)
  }
  return own
}

/** RFC 9864 and RFC 8037 name it differently. */
const ED25519: ReadonlySet<string> = new Set(['Ed25519', 'EdDSA'])

async function formatOf({ name, child, codes }: Contender): Promise<TokenFormat> {
  const pool = new Pool(new URL(child.ready['url'] ?? '').origin)
  const { status, text } = await redeem(pool, child, codes.pop() ?? '')
  await pool.close()
  if (status !== 200) throw new Error(`${name} answered ${status}: ${text.slice(0, 300)}`)
  return lookInside(tokens.parse(JSON.parse(text)).access_token, child.ready['decryptionKey'] ?? '')
}

const tokens = z.looseObject({ access_token: z.string(), refresh_token: z.string() })

async function redeem(pool: Pool, child: Child, code: string): Promise<{ status: number; text: string }> {
  const answer = await pool.request({
    method: 'POST',
    path: new URL(child.ready['url'] ?? '').pathname,
    headers: HEADERS,
    body: tokenForm(child.ready['clientId'] ?? '', code),
  })
  return { status: answer.statusCode, text: await answer.body.text() }
}

/** Interleaved, one slot each per round, so that whatever else the machine does hits both alike. */
async function measureAll(contenders: readonly Contender[]): Promise<Samples[]> {
  const samples = LEVELS.map(() => new Map<string, Sample[]>(contenders.map(({ name }) => [name, []])))
  for (const each of contenders) await slot(each, { callers: LEVELS[0], count: WARM_CODES })
  for (let round = 0; round < ROUNDS; round += 1)
    for (const [level, callers] of LEVELS.entries())
      for (const each of contenders)
        samples[level]?.get(each.name)?.push(await slot(each, { callers, count: CODES_PER_SLOT }))
  return samples
}

interface Slot {
  readonly callers: number
  readonly count: number
}

/** Closed loop: callers with a connection each share the codes of a slot. */
async function slot({ name, child, codes }: Contender, { callers, count }: Slot): Promise<Sample> {
  const own = codes.splice(-count)
  const pool = new Pool(new URL(child.ready['url'] ?? '').origin, { connections: callers, pipelining: 1 })
  const latencies: number[] = []
  let refused = 0
  const before = await child.usage()
  const start = performance.now()
  const caller = async (): Promise<void> => {
    for (let code = own.pop(); code !== undefined; code = own.pop()) {
      const sent = performance.now()
      const { status, text } = await redeem(pool, child, code)
      if (status === 503) refused += 1
      else if (status === 200) latencies.push(performance.now() - sent)
      else throw new Error(`${name} answered ${status}: ${text.slice(0, 300)}`)
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
  const seconds = (performance.now() - start) / 1000
  const after = await child.usage()
  await pool.close()
  const sorted = Float64Array.from(latencies).sort()
  return {
    callsPerSecond: sorted.length / seconds,
    cpuUsPerCall: (after.user + after.system - before.user - before.system) / sorted.length,
    p50Ms: quantile(sorted, 0.5),
    p99Ms: quantile(sorted, 0.99),
    refused,
  }
}

function report(levels: readonly Samples[], format: TokenFormat, print: (line: string) => void): number {
  print(
    `\ntoken endpoint: authorization code with PKCE, token ${format.outer} around ${format.inner}, ` +
      `${format.chars} characters, Node ${process.versions.node}, ${ROUNDS} interleaved rounds of ${CODES_PER_SLOT} codes`,
  )
  for (const [level, samples] of levels.entries()) printLevel(samples, LEVELS[level] ?? 0, print)
  const best = bestOfEach(levels)
  const against = (other: string): string =>
    `against ${other}: ${ratio(best, [other, OURS], 'cpuUsPerCall').toFixed(2)}× the codes per second of processor time, ` +
    `${ratio(best, [OURS, other], 'callsPerSecond').toFixed(2)}× the throughput on its core`
  print(`\n${OURS}, each with the number of callers that costs it least`)
  print(`  ${against(UNSTORED)}`)
  print(`  ${against(OTHER)}`)
  const { judge, exitCode } = openJudge(print)
  judge(`codes of ${OURS} against ${OTHER}`, ratio(best, [OTHER, OURS], 'cpuUsPerCall'), PROMISED)
  return exitCode()
}

function printLevel(samples: Samples, callers: number, print: (line: string) => void): void {
  print(`\n  ${`${callers} callers`.padEnd(36)}codes/s   CPU µs/code   p50 ms   p99 ms`)
  for (const [name, own] of samples) {
    const of = (key: keyof Sample): number => median(own.map((sample) => sample[key]))
    print(
      `  ${name.padEnd(36)}${of('callsPerSecond').toFixed(0).padStart(7)}${of('cpuUsPerCall').toFixed(0).padStart(14)}` +
        `${of('p50Ms').toFixed(2).padStart(9)}${of('p99Ms').toFixed(2).padStart(9)}`,
    )
  }
}

function bestOfEach(levels: readonly Samples[]): Samples {
  const costOf = (own: readonly Sample[]): number => median(own.map(({ cpuUsPerCall }) => cpuUsPerCall))
  const best = new Map<string, readonly Sample[]>()
  for (const samples of levels)
    for (const [name, own] of samples) {
      const known = best.get(name)
      if (known === undefined || costOf(own) < costOf(known)) best.set(name, own)
    }
  return best
}
