import { describe, expect, test } from 'vitest'
import { aQuery } from '../unit/maximo/support/compiled.ts'
import type { Script } from '../unit/maximo/support/scripted-maximo.ts'
import {
  aCall,
  clientFor,
  faultOf,
  maximoFor,
  scriptedMaximo,
  sendJson,
} from '../unit/maximo/support/scripted-maximo.ts'

/**
 * How an answer's status, code and form decide the fault. A scripted server: the simulator words its refusals in one way,
 * and instances do in several. What networks and proxies do to answers is in `maximo-answers.test.ts`.
 */
const failed = async (script: Script) => {
  const maximo = await scriptedMaximo(script)
  const fault = await faultOf(clientFor(maximo.baseUrl).query(aQuery(), aCall()))
  return { fault, asked: maximo.asked() }
}
const bmx = (code: string | null, status: number, message = `${code ?? ''} - Something is wrong.`) => ({
  Error: {
    reasonCode: code,
    message,
    statusCode: String(status),
    extendedError: { moreInfo: { href: 'x' } },
  },
})

describe('what Maximo says decides the fault, and a refusal is asked once', () => {
  test.each([
    ['401 with a code', 401, bmx('BMXAA0021E', 401), 'credentials_rejected'],
    ['401 with nothing', 401, '', 'credentials_rejected'],
    ['400 for a revoked key', 400, bmx('BMXAA9549E', 400), 'credentials_rejected'],
    ['a lost session', 400, bmx('BMXAA5646I', 400), 'credentials_rejected'],
    ['an expired password', 403, bmx('BMXAA2283E', 403), 'credentials_rejected'],
    ['403 with nothing', 403, '', 'not_permitted'],
    ['400 for an object structure without right', 400, bmx('BMXAA9301E', 400), 'not_permitted'],
    ['400 for an action without right', 400, bmx('BMXAA0024E', 400), 'not_permitted'],
    ['404', 404, bmx('BMXAA4216E', 404), 'not_found'],
    ['a bad clause', 400, bmx('BMXAA8744E', 400), 'invalid_query'],
    ['an unknown code', 400, bmx('BMXAA9999E', 400), 'invalid_query'],
    ['an unknown saved query', 400, bmx('oslc#invalidqueryname', 400), 'invalid_query'],
    ['admin mode', 400, bmx('BMXAA0578E', 400), 'maintenance'],
    ['too many rows', 400, bmx('BMXAA7387E', 400), 'too_large'],
    ['413', 413, '', 'too_large'],
    ['500 with a code', 500, bmx('BMXAA4210E', 500), 'unavailable'],
    ['500 with a page', 500, '<html>', 'unavailable'],
    ['an Error inside a 200', 200, bmx('BMXAA9301E', 400), 'not_permitted'],
    ['a lower-case error inside a 200', 200, { error: bmx('BMXAA8744E', 400).Error }, 'invalid_query'],
    [
      'a namespaced error',
      400,
      { 'oslc:Error': { 'spi:reasonCode': 'BMXAA9301E', 'oslc:message': 'x' } },
      'not_permitted',
    ],
    [
      'a code only in the message',
      401,
      bmx(null, 401, 'BMXAA5646I - The session has ended.'),
      'credentials_rejected',
    ],
  ])('%s', async (_name, status, body, kind) => {
    const { fault, asked } = await failed((_, response) => sendJson(response, body, status))
    expect(fault.kind).toBe(kind)
    expect(fault.objectStructure).toBe('MXAPIWODETAIL')
    expect(asked).toBe(1)
  })

  test('a code that is none is not repeated', async () => {
    const { fault } = await failed((_, response) => sendJson(response, bmx('drop table; <x>', 400), 400))
    expect(fault.code).toBeNull()
  })
})

describe('an Error inside a 200 to a write is never a write done', () => {
  test.each([
    ['a right', bmx('BMXAA9301E', 400), { kind: 'denied', code: 'BMXAA9301E' }],
    ['a conflict', bmx('BMXAA8229W', 412), { kind: 'conflict', code: 'BMXAA8229W' }],
    ['a rule', bmx('BMXAA4590E', 400), { kind: 'refused', code: 'BMXAA4590E' }],
    ['a failure without a reason', bmx(null, 500, 'Oops'), { kind: 'unknown', detail: 'http_500' }],
  ])('%s', async (_name, body, outcome) => {
    const maximo = await scriptedMaximo((_, response) => sendJson(response, body))
    const { writer } = maximoFor(maximo.baseUrl)
    const id = '_U0lNU0lURS8yMDA5'
    const update = { objectStructure: 'MXAPIWODETAIL', id, rowstamp: '1', values: { description: 'x' } }
    expect(await writer.update(update, aCall())).toMatchObject(outcome)
    expect(maximo.seen.filter(({ line }) => line.startsWith('POST '))).toHaveLength(1)
  })
})
