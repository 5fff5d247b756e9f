import { describe, expect, test } from 'vitest'
import { mergeMetadata, metadataBytes } from '../../../src/dev/standin/metadata.ts'

describe('a PATCH of metadata', () => {
  test.each([
    ['adds beside what is there', { a: 1 }, { b: 2 }, { a: 1, b: 2 }],
    [
      'merges objects at every level',
      { a: { b: { c: 1 } } },
      { a: { b: { d: 2 } } },
      { a: { b: { c: 1, d: 2 } } },
    ],
    [
      'removes by null at any level',
      { a: { b: 1, c: 2 }, d: 3 },
      { a: { b: null }, d: null },
      { a: { c: 2 } },
    ],
    ['replaces arrays whole', { a: [1, 2, 3] }, { a: [4] }, { a: [4] }],
    ['replaces a value by an object, without its nulls', { a: 1 }, { a: { b: null, c: 1 } }, { a: { c: 1 } }],
    ['replaces an object by a value', { a: { b: 1 } }, { a: 'x' }, { a: 'x' }],
    ['changes nothing when empty', { a: { b: 1 } }, {}, { a: { b: 1 } }],
  ])('%s', (_name, stored, change, merged) => {
    expect(mergeMetadata(stored, change)).toEqual(merged)
  })

  test('does not touch the prototype of objects', () => {
    const merged = mergeMetadata({}, JSON.parse('{"__proto__":{"polluted":true}}') as Record<string, unknown>)
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
    expect(Object.keys(merged)).toEqual(['__proto__'])
  })
})

test('the size of metadata is counted in bytes of JSON', () => {
  expect(metadataBytes({ a: 'é' })).toBe(10)
})
