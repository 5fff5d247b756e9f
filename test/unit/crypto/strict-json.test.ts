import { expect, test } from 'vitest'
import { z } from 'zod'
import { readPayload, readStrictJson } from '../../../src/crypto/strict-json.ts'

const accepted: readonly string[] = [
  '{"a":1,"b":2}',
  '{ "a" : 1 , "b" : 2 }',
  '{"a":{"a":1},"b":{"a":1}}',
  '{"a":{"b":1}, "b":2}',
  '[{"a":1}, {"a":2}]',
  '{"a":["a","a"], "b":"a"}',
  '{"a":"a","b":"\\"a\\":1, \\"a\\":2"} ',
  '{"a":"{[","b":"]}"} ',
  '{"a":"\\\\", "b":"x"}',
  '{"proto":1, "__proto":2}',
  '{"a":"__proto__"}',
  '"x"',
  ' 1',
  'null',
]
test.each(accepted)('%s means one thing', (text) => {
  expect(readStrictJson(text)).toEqual({ ok: true, value: JSON.parse(text) as unknown })
  expect(readStrictJson(Buffer.from(text))).toEqual({ ok: true, value: JSON.parse(text) as unknown })
})

const refused: readonly string[] = [
  '{"a":1,"a":1}',
  '{"a":1,"a":2}',
  '{"a" : 1,"a" : 2}',
  '{"a":1,"\\u0061":2}',
  '{"a":{"b":1,"b":2}}',
  '[{"b":1,"b":2}]',
  '{"a":{"b":1},"a":2}',
  '{"a":[1,{"c":2}],"a":2}',
  '{"a":"x\\"y","b":"\\\\","a":2}',
  '{"a":"}","a":2}',
  '{"__proto__":1}',
  '{"a":{"__proto__":{}}}',
  '{"\\u005f_proto__":1}',
  '',
  '{',
  '{a:1}',
  '{"a":1}}',
  '\uFEFF{"a":1}',
]
test.each(refused)('%s is refused', (text) => {
  expect(readStrictJson(text)).toEqual({ ok: false, error: 'malformed' })
  expect(readStrictJson(Buffer.from(text))).toEqual({ ok: false, error: 'malformed' })
})

test('bytes that are no UTF-8 are refused, not replaced', () => {
  expect(readStrictJson(Buffer.from([0x22, 0xff, 0x22]))).toEqual({ ok: false, error: 'malformed' })
  expect(readStrictJson(Buffer.from('"é"', 'latin1'))).toEqual({ ok: false, error: 'malformed' })
})

test('a payload is that, and what its schema says', () => {
  const schema = z.strictObject({ a: z.int() })
  const read = (text: string) => readPayload(Buffer.from(text), schema)
  expect(read('{"a":1}')).toEqual({ ok: true, value: { a: 1 } })
  for (const text of ['{"a":1,"a":1}', '{"a":"1"}', '{"a":1,"b":2}', 'x'])
    expect(read(text)).toEqual({ ok: false, error: 'payload_malformed' })
  // Also where the schema would take anything.
  expect(readPayload(Buffer.from('x'), z.unknown())).toEqual({ ok: false, error: 'payload_malformed' })
})
