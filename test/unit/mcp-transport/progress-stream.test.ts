import { afterEach, beforeEach, expect, test } from 'vitest'
import { createHttp } from '../../../src/kernel/http.ts'
import { ProgressStream } from '../../../src/mcp/transport/progress-stream.ts'
import { manualClock, type ManualClock } from '../../support/clock.ts'
import { captureLog } from '../../support/log.ts'

let clock: ManualClock
let app: Awaited<ReturnType<typeof createHttp>>
beforeEach(async () => {
  clock = manualClock()
  app = await createHttp({ log: captureLog().log, csp: {}, trustedProxies: [] })
})
afterEach(() => app.close())

const fields = () => ({ ratelimit: '"x";r=1;t=1' })

/** What is sent while `work` goes on, event by event. */
async function sentBy(work: (stream: ProgressStream) => void): Promise<unknown[]> {
  app.get('/', async (_request, reply) => {
    work(new ProgressStream({ reply, token: 't', clock, fields }))
    await reply
  })
  const { body, headers } = await app.inject('/')
  if (body !== '') expect(headers['ratelimit']).toBe('"x";r=1;t=1')
  return body
    .split('\n\n')
    .filter((event) => event !== '')
    .map((event) => JSON.parse(event.replace('event: message\ndata: ', '')) as unknown)
}

const told = (progress: number): object => ({
  jsonrpc: '2.0',
  method: 'notifications/progress',
  params: { progressToken: 't', progress, message: `${progress} records read, more to come` },
})

test('is told once a second at most, and counts what was not told', async () => {
  const sent = await sentBy((stream) => {
    stream.read(100)
    clock.advance(999)
    stream.read(100)
    clock.advance(1)
    stream.read(50)
    stream.end('{"id":1}')
  })
  expect(sent).toEqual([told(100), told(250), { id: 1 }])
})

test('opens with the first thing to tell', async () => {
  const open: boolean[] = []
  await sentBy((stream) => {
    open.push(stream.isOpen)
    stream.read(1)
    open.push(stream.isOpen)
    stream.end(null)
  })
  expect(open).toEqual([false, true])
})

test('ends without an answer for whoever is gone', async () => {
  const sent = await sentBy((stream) => {
    stream.read(100)
    stream.end(null)
  })
  expect(sent).toEqual([told(100)])
})
