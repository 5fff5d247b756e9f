import { expect, test } from 'vitest'
import { IMPLIED_SCOPES, SCOPE_NAMES } from '../../../src/crypto/scopes.ts'

test('scopes have one order, and everything but reading implies reading and nothing else', () => {
  expect(SCOPE_NAMES).toEqual(['maximo:read', 'maximo:write', 'maximo:finance', 'maximo:apm', 'maximo:admin'])
  expect(IMPLIED_SCOPES).toEqual({
    'maximo:read': [],
    'maximo:write': ['maximo:read'],
    'maximo:finance': ['maximo:read'],
    'maximo:apm': ['maximo:read'],
    'maximo:admin': ['maximo:read'],
  })
})
