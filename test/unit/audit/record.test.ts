import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { recordOf } from '../../../src/audit/record.ts'
import { valueHasher } from '../../../src/audit/value-hash.ts'
import { aCall } from '../../support/audit.ts'

const hash = valueHasher(Buffer.alloc(32, 'key'))
const AT = '2026-11-22T01:02:03.004Z'
const read = (bend = {}): Record<string, unknown> =>
  JSON.parse(recordOf(aCall(bend), AT, hash)) as Record<string, unknown>

describe('an audit record', () => {
  test('has the fields of an integration audit by name and in order, then what else is known', () => {
    expect(Object.keys(read())).toEqual([
      'timestamp',
      'eventType',
      'principal',
      'authMethod',
      'resource',
      'action',
      'queryParams',
      'responseCode',
      'recordCount',
      'sourceIP',
      'duration_ms',
      'userAgent',
      'correlationId',
      'masInstance',
      'operation',
      'outcome',
      'tool',
      'tokenId',
    ])
    expect(read()).toMatchObject({ timestamp: AT, eventType: 'mcp.call', recordCount: 47, duration_ms: 23.4 })
  })

  test('keeps a named field as null where it does not apply', () => {
    const bare = {
      eventType: 'auth.attempt',
      outcome: 'refused',
      operation: 'authenticate',
      principal: null,
      authMethod: null,
      resource: null,
      action: null,
      responseCode: 401,
      sourceIP: null,
      correlationId: null,
      reason: 'token_expired',
    } as const
    const record = JSON.parse(recordOf(bare, AT, hash)) as object
    expect(record).toMatchObject({ principal: null, queryParams: null, recordCount: null, masInstance: null })
    expect(record).toMatchObject({ reason: 'token_expired' })
    expect(record).not.toHaveProperty('tool')
  })

  test('shows which parameters were used and not with which values', () => {
    const record = recordOf(
      aCall({ queryParams: { status: 'canary-1', where: [{ value: 'canary-2' }], none: undefined } }),
      AT,
      hash,
    )
    expect(record).not.toContain('canary')
    expect(JSON.parse(record)).toMatchObject({
      queryParams: expect.stringMatching(/^status=~[\w-]{22}&where=~[\w-]{22}$/),
    })
  })

  test('hashes the same value alike and with another key otherwise', () => {
    const params = (value: unknown, hasher = hash): unknown =>
      (JSON.parse(recordOf(aCall({ queryParams: { a: value } }), AT, hasher)) as { queryParams: string })
        .queryParams
    expect(params('APPR')).toBe(params('APPR'))
    expect(params('APPR')).not.toBe(params('WAPPR'))
    expect(params('APPR')).not.toBe(params('APPR', valueHasher(Buffer.alloc(32, 'other'))))
    const long = 'x'.repeat(5_000)
    expect(params(long)).toBe(params(long))
  })

  test('a parameter’s name cannot pretend to be another parameter', () => {
    const { queryParams } = read({ queryParams: { 'a=~forged&b': 1, ['n'.repeat(500)]: 2 } })
    expect(queryParams).toMatch(/^a__forged_b=~[\w-]{22}&n{64}=~[\w-]{22}$/)
  })

  test('cuts every text at 1 KB, on a whole character', () => {
    const { userAgent, tool } = read({ userAgent: 'ü'.repeat(3_000), tool: 'x'.repeat(1_024) })
    expect(Buffer.byteLength(String(userAgent))).toBeLessThanOrEqual(1_024)
    expect(userAgent).toMatch(/^ü{500,}…$/u)
    expect(tool).toBe('x'.repeat(1_024))
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`p${at}`, at]))
    expect(Buffer.byteLength(String(read({ queryParams: many })['queryParams']))).toBeLessThanOrEqual(1_024)
  })

  test('is one line that a terminal does not obey, whatever a stranger sends', () => {
    const text = fc.string({ unit: 'binary', maxLength: 60 })
    const nasty = fc.constantFrom(
      '\n',
      '\r',
      '\u0000',
      '\u001b[2J',
      '\u009b2J',
      '\u2028',
      '\u202e',
      '\ud800',
      '"',
      '\\',
    )
    fc.assert(
      fc.property(
        fc.array(fc.oneof(text, nasty)).map((parts) => parts.join('')),
        (userAgent) => {
          const record = recordOf(aCall({ userAgent, queryParams: { [userAgent]: userAgent } }), AT, hash)
          expect(record).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/)
          const back = (JSON.parse(record) as { userAgent: string }).userAgent
          if (Buffer.byteLength(userAgent) <= 1_024) expect(back).toBe(userAgent)
        },
      ),
    )
  })
})
