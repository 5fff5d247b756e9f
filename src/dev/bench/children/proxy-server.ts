import fastify from 'fastify'
import { Pool } from 'undici'
import { expectShortLives } from '../../../kernel/short-lives.ts'
import { announce } from '../child.ts'
import { upstreamPath } from '../workload.ts'

/** The floor: Fastify in front, undici behind, the body parsed and serialised again. No MCP, no security. */
// As the product does it: what any server may ask of the engine is no merit of ours.
expectShortLives()
const upstream = new URL(process.env['BENCH_UPSTREAM'] ?? '')
const pool = new Pool(upstream.origin, { connections: 64 })
const headers = { apikey: process.env['BENCH_API_KEY'] ?? '', accept: 'application/json' }

const app = fastify({ logger: false })
app.post('/proxy', async () => {
  const answer = await pool.request({ method: 'GET', path: `${upstream.pathname}${upstreamPath}`, headers })
  return answer.body.json()
})
announce({ url: `${await app.listen({ host: '127.0.0.1', port: 0 })}/proxy` })
