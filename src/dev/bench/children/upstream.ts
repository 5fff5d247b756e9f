import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startSimulator } from '../../simulator/simulator.ts'
import { systemClock } from '../../../kernel/clock.ts'
import { announce } from '../child.ts'
import { OBJECT_STRUCTURE, PAGES, workOrders, type PageName } from '../workload.ts'

/**
 * A Maximo that costs nothing: the page of work orders is one prepared buffer. What our server asks once (schema,
 * whoami) is answered by the simulator and kept.
 */
const simulator = await startSimulator({ port: 0, clock: systemClock })
const account = simulator.accounts.of('planner@example.com')
const rows = workOrders(PAGES[process.env['BENCH_PAGE'] as PageName])
const page = Buffer.from(
  JSON.stringify({
    member: rows,
    href: `oslc/os/${OBJECT_STRUCTURE}`,
    responseInfo: { href: `oslc/os/${OBJECT_STRUCTURE}`, pagenum: 1, totalCount: rows.length, totalPages: 1 },
  }),
)
const kept = new Map<string, Buffer>()

const server = createServer((request, response) => {
  const url = request.url ?? '/'
  const isPage = url.startsWith(`/maximo/api/os/${OBJECT_STRUCTURE}?`)
  if (isPage) send(response, page)
  else void relayed(url).then((body) => send(response, body))
})
server.keepAliveTimeout = 60_000

function send(response: ServerResponse, body: Buffer): void {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body)
}

async function relayed(url: string): Promise<Buffer> {
  const known = kept.get(url)
  if (known !== undefined) return known
  const answer = await fetch(`${simulator.url}${url}`, { headers: { apikey: account.apiKey } })
  const body = Buffer.from(await answer.arrayBuffer())
  kept.set(url, body)
  return body
}

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  announce({ url: `http://127.0.0.1:${port}/maximo`, apiKey: account.apiKey })
})
