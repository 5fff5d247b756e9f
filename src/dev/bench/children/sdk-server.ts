import fastify from 'fastify'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { Pool } from 'undici'
import { expectShortLives } from '../../../kernel/short-lives.ts'
import { announce } from '../child.ts'
import { benchTools } from '../tools.ts'
import { shaped, upstreamPath, type WorkOrder } from '../workload.ts'
import { writtenAnew } from '../written-anew.ts'

/**
 * The official SDK, one shared identity for Maximo, no token, no revocation, no limit, no audit; the very tools of our
 * server. `createMcpHandler` with a factory, JSON answers, behind a Fastify route that has parsed the body.
 * `BENCH_SCHEMAS=factory` is the documented form (docs/serving/http.md of the SDK: tools and their `z.object` are written
 * inside the factory, which runs for each request); `once` makes the schemas outside, as an engineer would who measured.
 */
// As the product does it: what any server may ask of the engine is no merit of ours.
expectShortLives()
const upstream = new URL(process.env['BENCH_UPSTREAM'] ?? '')
const pool = new Pool(upstream.origin, { connections: 64 })
const headers = { apikey: process.env['BENCH_API_KEY'] ?? '', accept: 'application/json' }
const areSchemasKept = process.env['BENCH_SCHEMAS'] === 'once'
const tools = benchTools(Number(process.env['BENCH_TOOLS'] ?? '30'))

async function queryRecords(): Promise<{ content: { type: 'text'; text: string }[] }> {
  const got = await pool.request({ method: 'GET', path: `${upstream.pathname}${upstreamPath}`, headers })
  const { member } = (await got.body.json()) as { member: readonly WorkOrder[] }
  const { cols, rows } = shaped(member)
  const text = JSON.stringify({ returned: rows.length, total: rows.length, complete: true, cols, rows })
  return { content: [{ type: 'text', text }] }
}

function serverWithTools(): McpServer {
  const server = new McpServer({ name: 'bench', version: '1.0.0' })
  for (const { name, title, description, input, hints } of tools) {
    const inputSchema = areSchemasKept ? input : writtenAnew(input)
    server.registerTool(name, { title, description, inputSchema, annotations: hints }, queryRecords)
  }
  return server
}

const handler = createMcpHandler(serverWithTools, { responseMode: 'json' })
const app = fastify({ logger: false })
app.post('/mcp', async (request, reply) => {
  const sent = new Headers()
  for (const [name, value] of Object.entries(request.headers))
    if (typeof value === 'string') sent.set(name, value)
  const asked = new Request(`http://localhost${request.url}`, { method: 'POST', headers: sent })
  const got = await handler.fetch(asked, { parsedBody: request.body })
  reply.code(got.status)
  for (const [name, value] of got.headers) reply.header(name, value)
  return reply.send(await got.text())
})
announce({ url: `${await app.listen({ host: '127.0.0.1', port: 0 })}/mcp` })
