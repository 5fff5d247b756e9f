import { expect, test } from 'vitest'
import {
  ADVERTISED_SCOPES,
  narrowScope,
  readScopes,
  scopesInWords,
} from '../../../src/portal/authorize/scopes.ts'

test('only scopes that do something now are advertised', () => {
  expect(ADVERTISED_SCOPES).toEqual(['maximo:read', 'offline_access'])
})

test.each([
  [undefined, 'maximo:read', false],
  ['', 'maximo:read', false],
  ['maximo:read', 'maximo:read', false],
  ['maximo_read', 'maximo:read', false],
  ['offline_access', 'maximo:read', true],
  ['maximo:read offline_access', 'maximo:read', true],
  ['maximo:read maximo:nonsense openid', 'maximo:read', false],
  ['wo:read offline_access', 'maximo:read', true],
  ['maximo:admin', 'maximo:read', false],
  ['  maximo:read   maximo:read ', 'maximo:read', false],
])('asking for %j is understood as %j, offline %j', (raw, scope, offline) => {
  expect(readScopes(raw)).toEqual({ scope, offline })
})

test.each([
  [undefined, 'maximo:read'],
  ['', 'maximo:read'],
  ['maximo:read', 'maximo:read'],
  ['maximo_read', 'maximo:read'],
  ['maximo:read offline_access', 'maximo:read'],
  ['offline_access', 'maximo:read'],
  ['maximo:write', null],
  ['maximo:read maximo:write', null],
])('a refresh that asks for %j of maximo:read gets %j', (raw, expected) => {
  expect(narrowScope(raw, 'maximo:read')).toBe(expected)
})

test('a narrower token is possible where more was granted', () => {
  expect(narrowScope('maximo:read', 'maximo:read maximo:write')).toBe('maximo:read')
})

test('the consent page says in words what is granted, and nothing else', () => {
  expect(scopesInWords('maximo:read')).toHaveLength(1)
  expect(scopesInWords('')).toHaveLength(0)
})
