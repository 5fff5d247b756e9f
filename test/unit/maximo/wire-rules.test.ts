import { expect, test } from 'vitest'
import { breaches, onWire } from '../../support/wire-rules.ts'

const KEY = { apikey: 'x' }

test.each([
  ['a PATCH without MERGE', { ...KEY, 'x-method-override': 'patch' }, 1],
  ['a PATCH with another patchtype', { ...KEY, 'x-method-override': 'PATCH', patchtype: 'AddChange' }, 1],
  ['a key and a cookie', { ...KEY, cookie: 'JSESSIONID=1' }, 1],
  ['a cookie alone', { cookie: 'JSESSIONID=1' }, 1],
  ['a key and a password', { ...KEY, maxauth: 'x' }, 1],
  ['a PATCH that merges', { ...KEY, 'x-method-override': 'PATCH', patchtype: 'MERGE' }, 0],
  ['a read', KEY, 0],
])('on the wire: %s', (_name, headers, found) => {
  expect(breaches([onWire(headers)])).toHaveLength(found)
})
