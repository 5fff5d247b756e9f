import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished } from 'vitest'
import type { MaximoClient, MaximoEnvironment } from '../../../../src/maximo/contract.ts'
import { openMaximo } from '../../../../src/maximo/client.ts'
import type { EgressOptions } from '../../../../src/maximo/egress/egress.ts'
import { openEgress } from '../../../../src/maximo/egress/egress.ts'
import { MaximoFault } from '../../../../src/maximo/fault.ts'
import { type Breach, breachesOf } from '../../../../src/dev/simulator/wire/wire-rules.ts'
import { systemClock } from '../../../../src/kernel/clock.ts'
import { Secret } from '../../../../src/kernel/secret.ts'
import { expectRequestsAt } from '../../../support/wire/hosts.ts'
import { locationDocument, workOrderDocument } from './work-order-schema.ts'

export type Script = (request: IncomingMessage, response: ServerResponse) => void

export interface ScriptedMaximo {
  readonly baseUrl: string
  readonly port: number
  /** Everything that arrived: `METHOD /path?query`. */
  readonly seen: { readonly line: string; readonly headers: IncomingMessage['headers'] }[]
  /** Sockets accepted so far. */
  connections(): number
  /** What is asked below `/os`, without schemas and domains. */
  asked(): number
}

/**
 * A server that answers what the script says, word for word; schemas and, unless told, empty domains by itself. Closed with the test.
 * For answers that the simulator never gives, or that a test must see written out; what networks and proxies do to
 * answers is done to the simulator's own (`test/support/faults`).
 */
export const scriptedMaximo = async (script: Script, domains: Script = noValues): Promise<ScriptedMaximo> => {
  const seen: ScriptedMaximo['seen'] = []
  const breaches: Breach[] = []
  const server = createServer((request, response) => {
    seen.push({ line: `${request.method ?? ''} ${request.url ?? ''}`, headers: request.headers })
    const { method = '', url: target = '', rawHeaders } = request
    const path = target.split('?')[0] ?? ''
    if (path.startsWith('/maximo/')) breaches.push(...breachesOf({ method, target, rawHeaders }))
    if (path.endsWith('/jsonschemas/mxapiwodetail')) sendJson(response, workOrderDocument)
    else if (path.endsWith('/jsonschemas/mxapioperloc')) sendJson(response, locationDocument)
    else if (path.endsWith('domain')) domains(request, response)
    else script(request, response)
  })
  let connections = 0
  server.on('connection', () => connections++)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    expect(breaches).toEqual([])
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo
  expectRequestsAt(`http://127.0.0.1:${port}`)
  const asked = () => seen.filter(({ line }) => /\/os\/mxapi(?!.*domain\?)/.test(line)).length
  return {
    baseUrl: `http://127.0.0.1:${port}/maximo`,
    port,
    seen,
    asked,
    connections: () => connections,
  }
}

const noValues: Script = (_, response) => sendJson(response, { member: [] })

export const sendJson = (
  response: ServerResponse,
  body: unknown,
  status = 200,
  headers: Record<string, string | string[]> = {},
) => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(typeof body === 'string' ? body : JSON.stringify(body))
}

export const KEY = 'key-0123456789abcdef'

export const clientFor = (...connection: Parameters<typeof maximoFor>): MaximoClient =>
  maximoFor(...connection).client

export const maximoFor = (
  baseUrl: string,
  {
    egress = {},
    method = 'apikey',
    credential = KEY,
    certificate,
    onReplaced,
    onVerdict,
  }: { egress?: Partial<EgressOptions>; credential?: string } & Partial<
    Pick<MaximoEnvironment, 'method' | 'certificate' | 'onReplaced' | 'onVerdict'>
  > = {},
): ReturnType<typeof openMaximo> => {
  const opened = openEgress({ allowCidrs: [], allowLoopbackHttp: true, clock: systemClock, ...egress })
  onTestFinished(() => opened.close())
  const environment: MaximoEnvironment = {
    ...{ baseUrl, method, credential: new Secret(credential), certificate },
    ...(onReplaced === undefined ? {} : { onReplaced }),
    ...(onVerdict === undefined ? {} : { onVerdict }),
  }
  return openMaximo({ environment, egress: opened, clock: egress.clock ?? systemClock })
}

export const aCall = (signal: AbortSignal = new AbortController().signal) => ({
  signal,
  correlationId: 'test-1',
})

/** The fault a promise rejects with; fails the test when it does not. */
export const faultOf = async (promise: Promise<unknown>): Promise<MaximoFault> => {
  try {
    await promise
  } catch (error) {
    if (error instanceof MaximoFault) return error
    throw error
  }
  throw new Error('no fault')
}
