import fastify from 'fastify'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { Pool } from 'undici'
import { z } from 'zod'
import { announce } from '../child.ts'
import { FIELDS, shaped, upstreamPath, type WorkOrder } from '../workload.ts'

/**
 * The official SDK as its documentation shows it: `createMcpHandler` with a factory, JSON answers, behind a Fastify
 * route that has parsed the body. One shared identity for Maximo, no token, no revocation, no limit, no audit.
 */
const upstream = new URL(process.env['BENCH_UPSTREAM'] ?? '')
const pool = new Pool(upstream.origin, { connections: 64 })
const headers = { apikey: process.env['BENCH_API_KEY'] ?? '', accept: 'application/json' }
const TOOLS = Number(process.env['BENCH_TOOLS'] ?? '30')

const input = z.object({
  object: z.string().min(1).max(60).describe('object structure, e.g. mxapiwodetail'),
  filters: z
    .array(
      z.object({ field: z.string(), op: z.string(), value: z.union([z.string(), z.number()]).optional() }),
    )
    .optional(),
  match: z.enum(['all', 'any']).default('all'),
  site: z.string().optional().describe('site id'),
  select: z.array(z.string()).optional().describe('fields to return'),
  order_by: z.array(z.string()).optional(),
  limit: z.int().min(1).max(200).default(25),
  count: z.boolean().default(false),
  max_tokens: z.int().default(8000),
})
async function queryRecords(): Promise<{ content: { type: 'text'; text: string }[] }> {
  const got = await pool.request({ method: 'GET', path: `${upstream.pathname}${upstreamPath}`, headers })
  const { member } = (await got.body.json()) as { member: readonly WorkOrder[] }
  const { cols, rows } = shaped(member)
  const text = JSON.stringify({ returned: rows.length, total: rows.length, complete: true, cols, rows })
  return { content: [{ type: 'text', text }] }
}

const annotations = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true }

function serverWithTools(): McpServer {
  const server = new McpServer({ name: 'bench', version: '1.0.0' })
  const facts = {
    description: `Rows of an object structure: ${FIELDS.join(', ')}`,
    inputSchema: input,
    annotations,
  }
  server.registerTool('query_records', { title: 'Query', ...facts }, queryRecords)
  for (let index = 1; index < TOOLS; index += 1) {
    server.registerTool(`tool_${index}`, { title: `Tool ${index}`, ...facts }, queryRecords)
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
