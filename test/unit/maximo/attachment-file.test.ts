import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import type { MaximoClient } from '../../../src/maximo/contract.ts'
import { MaximoFault } from '../../../src/maximo/fault.ts'
import { aCall, clientFor, faultOf, scriptedMaximo, sendJson } from './support/scripted-maximo.ts'
import { done, WO, writeCall, writtenPlant } from './support/written-plant.ts'

const plant = writtenPlant()
const REF = { objectStructure: WO, id: '_U0lNU0lURS8yMDA5' }

const bytesOf = async (client: MaximoClient, id: string, ref = REF) => {
  const found = await client.attachmentFile(ref, id, aCall())
  if (!found.ok || found.value === null) return found
  const chunks: Uint8Array[] = []
  for await (const chunk of found.value.bytes) chunks.push(chunk)
  return Buffer.concat(chunks)
}

test('what was attached comes back byte for byte', async () => {
  const { id } = await plant.workOrder()
  const { client, writer } = plant.as('planner@example.com')
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7) % 256))
  const file = {
    name: 'a.html',
    mediaType: 'text/html',
    bytes: Readable.from([bytes]),
    sizeBytes: bytes.length,
  }
  const { attachmentId } = done(await writer.attach({ objectStructure: WO, id, file }, writeCall()))
  expect(
    bytes.equals((await bytesOf(client, attachmentId ?? '', { objectStructure: WO, id })) as Buffer),
  ).toBe(true)
  const link = done(
    await writer.attach({ objectStructure: WO, id, file: { url: 'https://example.com/x' } }, writeCall()),
  )
  expect(await bytesOf(client, link.attachmentId ?? '', { objectStructure: WO, id })).toMatchObject({
    ok: false,
    error: [{ reason: 'not_supported' }],
  })
  expect(await bytesOf(client, '999999', { objectStructure: WO, id })).toEqual({ ok: true, value: null })
})

test('whose head does not come in time is given up', async () => {
  const maximo = await scriptedMaximo((request, response) => {
    if (request.url?.includes('/meta/') === true) sendJson(response, { identifier: '412', urlType: 'FILE' })
  })
  const client = clientFor(maximo.baseUrl, { egress: { deadlines: { firstByteMs: 300 } } })
  expect(await faultOf(client.attachmentFile(REF, '412', aCall()))).toMatchObject({
    kind: 'timeout',
    detail: 'first_byte',
  })
})

describe('what is not the file', () => {
  const answering = async (answer: (response: ServerResponse) => void, label = 'image/jpeg') => {
    const meta = { identifier: '412', urlType: 'FILE', format: { label } }
    const maximo = await scriptedMaximo((request, response) => {
      if (request.url?.includes('/meta/') === true) sendJson(response, meta)
      else answer(response)
    })
    return bytesOf(clientFor(maximo.baseUrl), '412')
  }
  const send =
    (status: number, headers: Record<string, string>, body = 'bytes') =>
    (response: ServerResponse) => {
      response.writeHead(status, headers)
      response.end(body)
    }

  const JSON_SENT = { 'content-type': 'application/json;charset=UTF-8' }
  const ERROR = JSON.stringify({ Error: { reasonCode: 'BMXAA0024E', message: 'x', statusCode: '400' } })

  test.each([
    ['JSON that is no refusal', send(200, JSON_SENT, '{"a":1}'), 'content_type'],
    ['JSON longer than a refusal', send(200, JSON_SENT, `["${'x'.repeat(70_000)}"]`), 'malformed'],
    ['a login page', send(200, { 'content-type': 'text/html' }), 'login_page'],
    ['a redirect', send(302, { location: 'https://elsewhere' }), 'redirect'],
    ['compressed bytes', send(200, { 'content-encoding': 'gzip' }), 'encoded'],
    [
      'too much',
      (response: ServerResponse) => void response.writeHead(200, { 'content-length': '99999999' }).write('x'),
      'body',
    ],
  ])('%s', async (_name, answer, detail) => {
    expect((await faultOf(answering(answer))).detail).toBe(detail)
  })

  test.each([400, 200])('a refusal is one, with %i', async (status) => {
    const fault = await faultOf(answering(send(status, JSON_SENT, ERROR)))
    expect([fault.kind, fault.code]).toEqual(['not_permitted', 'BMXAA0024E'])
  })

  test.each(['application/json', 'application/geo+json'])(
    'a file of %s is one, whatever it holds',
    async (type) => {
      expect(await answering(send(200, JSON_SENT, ERROR), type)).toEqual(Buffer.from(ERROR))
    },
  )

  test('a file that breaks off is never taken for whole', async () => {
    const fault = await faultOf(
      answering((response) => {
        response.writeHead(200, { 'content-length': '500' })
        response.write('half', () => response.socket?.resetAndDestroy())
      }),
    )
    expect(fault).toBeInstanceOf(MaximoFault)
    expect(fault.detail).toBe('truncated')
  })
})

test('a reader who stops gives the place back', async () => {
  const { id } = await plant.workOrder()
  const { client, writer } = plant.as('planner@example.com')
  const bytes = Buffer.alloc(2_000_000, 1)
  const file = { name: 'a', mediaType: 'text/plain', bytes: Readable.from([bytes]), sizeBytes: bytes.length }
  const { attachmentId } = done(await writer.attach({ objectStructure: WO, id, file }, writeCall()))
  // More than the places there are.
  for (let read = 0; read < 20; read++) {
    const found = await client.attachmentFile({ objectStructure: WO, id }, attachmentId ?? '', writeCall())
    if (!found.ok || found.value === null) throw new Error('no file')
    for await (const chunk of found.value.bytes) {
      expect(chunk.length).toBeGreaterThan(0)
      break
    }
  }
})
