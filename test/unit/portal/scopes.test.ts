import { describe, expect, test } from 'vitest'
import { IMPLIED_SCOPES, SCOPE_NAMES } from '../../../src/crypto/scopes.ts'
import { allowedScopes } from '../../../src/mcp/admission/scopes.ts'
import {
  ADVERTISED_SCOPES,
  narrowScope,
  readScopes,
  type ScopeRow,
  scopesInWords,
} from '../../../src/portal/authorize/scopes.ts'

test('only scopes that do something now are advertised', () => {
  expect(ADVERTISED_SCOPES).toEqual(['maximo:read', 'maximo:write', 'maximo:finance', 'offline_access'])
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
  ['maximo_write', 'maximo:read maximo:write', false],
  ['maximo:finance offline_access', 'maximo:read maximo:finance', true],
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

describe('the hierarchy', () => {
  const rows: readonly ScopeRow[] = SCOPE_NAMES.map((scope) => ({ scope, aliases: [], means: scope }))

  test.each([
    ['maximo:write', 'maximo:read maximo:write'],
    ['maximo:admin', 'maximo:read maximo:admin'],
    ['maximo:finance maximo:write', 'maximo:read maximo:write maximo:finance'],
    ['maximo:read', 'maximo:read'],
    // As a client asks after a challenge: what it had, and what was missing.
    ['maximo:read offline_access maximo:write', 'maximo:read maximo:write'],
    ['nonsense', 'maximo:read'],
  ])('%s is granted as %s', (raw, scope) => {
    expect(readScopes(raw, rows).scope).toBe(scope)
  })

  test('administration does not write, and nothing implies more than reading', () => {
    expect(readScopes('maximo:admin', rows).scope).not.toContain('maximo:write')
    for (const scope of SCOPE_NAMES)
      expect(IMPLIED_SCOPES[scope].filter((name) => name !== 'maximo:read')).toEqual([])
  })

  test('portal and MCP server read it alike', () => {
    for (const scope of SCOPE_NAMES)
      expect(new Set(readScopes(scope, rows).scope.split(' '))).toEqual(new Set(allowedScopes(scope)))
  })

  test('what was granted can be narrowed to each of its parts, and to nothing beside them', () => {
    const granted = readScopes('maximo:write', rows).scope
    expect(narrowScope('maximo:read', granted)).toBe('maximo:read')
    expect(narrowScope('maximo:write', granted)).toBe('maximo:write')
    expect(narrowScope('maximo:write maximo:admin', granted)).toBeNull()
  })
})

test('a narrower token is possible where more was granted', () => {
  expect(narrowScope('maximo:read', 'maximo:read maximo:write')).toBe('maximo:read')
})

test('the consent page says in words what is granted, and nothing else', () => {
  expect(scopesInWords('maximo:read')).toHaveLength(1)
  expect(scopesInWords('maximo:read maximo:write')).toHaveLength(2)
  expect(scopesInWords('')).toHaveLength(0)
})
