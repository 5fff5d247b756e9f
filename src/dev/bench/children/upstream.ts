import { type AddressInfo, createServer } from 'node:net'
import { startSimulator } from '../../simulator/simulator.ts'
import { systemClock } from '../../../kernel/clock.ts'
import { announce } from '../child.ts'
import { OBJECT_STRUCTURE, PAGES, workOrders, type PageName } from '../workload.ts'

const HEAD_END = '\r\n\r\n'

/**
 * A Maximo that costs nothing: the page of work orders is one prepared buffer. What our server asks once (schema,
 * whoami) is answered by the simulator and kept.
 */
const simulator = await startSimulator({ port: 0, clock: systemClock })
const account = simulator.accounts.of('planner@example.com')
const rows = workOrders(PAGES[process.env['BENCH_PAGE'] as PageName])
const page = answerOf(
  Buffer.from(
    JSON.stringify({
      member: rows,
      href: `oslc/os/${OBJECT_STRUCTURE}`,
      responseInfo: {
        href: `oslc/os/${OBJECT_STRUCTURE}`,
        pagenum: 1,
        totalCount: rows.length,
        totalPages: 1,
      },
    }),
  ),
)
const kept = new Map<string, Buffer>()

/**
 * HTTP by hand, for the clients of this bench alone: a server of Node's would take a fifth of what the measured server
 * may use, on a machine that both share. A request here is a GET without a body.
 */
const server = createServer({ noDelay: true }, (socket) => {
  let head = ''
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk: Buffer) => {
    head += chunk.toString('latin1')
    if (!head.endsWith(HEAD_END)) return
    const url = head.slice('GET '.length, head.indexOf(' HTTP/1.1'))
    head = ''
    if (url.startsWith(`/maximo/api/os/${OBJECT_STRUCTURE}?`)) socket.write(page)
    else void relayed(url).then((answer) => socket.write(answer))
  })
})

async function relayed(url: string): Promise<Buffer> {
  const known = kept.get(url)
  if (known !== undefined) return known
  const answer = await fetch(`${simulator.url}${url}`, { headers: { apikey: account.apiKey } })
  const whole = answerOf(Buffer.from(await answer.arrayBuffer()))
  kept.set(url, whole)
  return whole
}

function answerOf(body: Buffer): Buffer {
  const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}${HEAD_END}`
  return Buffer.concat([Buffer.from(head), body])
}

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  announce({ url: `http://127.0.0.1:${port}/maximo`, apiKey: account.apiKey })
})
