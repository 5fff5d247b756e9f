import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Pool } from 'undici'
import { z } from 'zod'
import { startChild, type Child } from '../child.ts'
import { quantile } from '../load.ts'
import { median, ratio, type Sample } from '../measure.ts'
import { startRedis } from '../redis-server.ts'
import { CONNECTIONS } from '../workload.ts'
import { HEADERS, tokenForm } from './exchange.ts'
import { lookInside, type TokenFormat } from './look-inside.ts'

const OURS = 'maximo-mcp (Redis, journal, audit)'
const OTHER = 'oidc-provider 9.13.3 (in memory)'
/** The first round only warms up. */
const ROUNDS = 6
const CODES_PER_SLOT = 500
/** The promise of the product: with its records on disk, against records in memory. */
const FLOOR = 2
const SERVER_CORE = 0
const REDIS_CORE = 1

interface Contender {
  readonly name: string
  readonly child: Child
  /** Each is good once. */
  readonly codes: string[]
}

/** Measures code exchanges at both token endpoints, prints, and returns 0 when the throughput promise holds. */
export async function runTokenBench(print: (line: string) => void): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'maximo-mcp-bench-'))
  const redis = await startRedis(join(folder, 'redis'), REDIS_CORE)
  const children: Child[] = []
  try {
    const start = async (name: string, env: Readonly<Record<string, string>>): Promise<Child> => {
      const wanted = { BENCH_CODES: String(1 + ROUNDS * CODES_PER_SLOT), DATA_DIR: join(folder, name) }
      const child = await startChild(name, { ...env, ...wanted }, SERVER_CORE)
      children.push(child)
      return child
    }
    const portal = await start('token-portal', { REDIS_URL: redis.url })
    const provider = await start('oidc-provider', {
      NODE_ENV: 'production',
      BENCH_CLAIM_CHARS: portal.ready['receiptChars'] ?? '',
    })
    const ours = await contender(OURS, portal)
    const other = await contender(OTHER, provider)
    const format = await assertSameFormat(ours, other)
    return report(await measureAll([ours, other]), format, print)
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
 * Before anything is timed: both give a token of the same make and, within a tenth, of the same length.
 *
 * @throws naming what differs.
 */
async function assertSameFormat(ours: Contender, other: Contender): Promise<TokenFormat> {
  const [left, right] = [await formatOf(ours), await formatOf(other)]
  if (left.outer !== right.outer || Math.abs(left.chars - right.chars) > left.chars / 10)
    throw new Error(`${other.name} makes other tokens: ${JSON.stringify(right)}, not ${JSON.stringify(left)}`)
  if (![left, right].every(({ inner }) => inner === 'Ed25519' || inner === 'EdDSA'))
    throw new Error(`The tokens inside are signed with ${left.inner} and ${right.inner}.`)
  return left
}

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
async function measureAll(contenders: readonly Contender[]): Promise<Map<string, Sample[]>> {
  const samples = new Map<string, Sample[]>(contenders.map(({ name }) => [name, []]))
  for (let round = 0; round < ROUNDS; round += 1)
    for (const each of contenders) {
      const sample = await slot(each)
      if (round > 0) samples.get(each.name)?.push(sample)
    }
  return samples
}

/** Closed loop: as many callers as connections share the codes of a slot. */
async function slot({ name, child, codes }: Contender): Promise<Sample> {
  const own = codes.splice(-CODES_PER_SLOT)
  const pool = new Pool(new URL(child.ready['url'] ?? '').origin, { connections: CONNECTIONS, pipelining: 1 })
  const latencies: number[] = []
  const before = await child.usage()
  const start = performance.now()
  const caller = async (): Promise<void> => {
    for (let code = own.pop(); code !== undefined; code = own.pop()) {
      const sent = performance.now()
      const { status, text } = await redeem(pool, child, code)
      if (status !== 200) throw new Error(`${name} answered ${status}: ${text.slice(0, 300)}`)
      latencies.push(performance.now() - sent)
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, caller))
  const seconds = (performance.now() - start) / 1000
  const after = await child.usage()
  await pool.close()
  const sorted = Float64Array.from(latencies).sort()
  return {
    callsPerSecond: sorted.length / seconds,
    cpuUsPerCall: (after.user + after.system - before.user - before.system) / sorted.length,
    p50Ms: quantile(sorted, 0.5),
    p99Ms: quantile(sorted, 0.99),
    refused: 0,
  }
}

function report(
  samples: ReadonlyMap<string, readonly Sample[]>,
  format: TokenFormat,
  print: (line: string) => void,
): number {
  print(
    `\ntoken endpoint: authorization code with PKCE, token ${format.outer} around ${format.inner}, ` +
      `${format.chars} characters, ${CONNECTIONS} connections, ${ROUNDS - 1} interleaved rounds of ${CODES_PER_SLOT} codes`,
  )
  print(`\n  ${'server'.padEnd(36)}codes/s   CPU µs/code   p50 ms   p99 ms`)
  for (const [name, own] of samples) {
    const of = (key: keyof Sample): number => median(own.map((sample) => sample[key]))
    print(
      `  ${name.padEnd(36)}${of('callsPerSecond').toFixed(0).padStart(7)}${of('cpuUsPerCall').toFixed(0).padStart(14)}` +
        `${of('p50Ms').toFixed(2).padStart(9)}${of('p99Ms').toFixed(2).padStart(9)}`,
    )
  }
  const reached = ratio(samples, [OURS, OTHER], 'callsPerSecond')
  print(`\nthroughput of ${OURS} against ${OTHER}: ${reached.toFixed(2)}×  (promised: at least ${FLOOR}×)`)
  print(`CPU per code against it: ${ratio(samples, [OURS, OTHER], 'cpuUsPerCall').toFixed(2)}×`)
  return reached >= FLOOR ? 0 : 1
}
