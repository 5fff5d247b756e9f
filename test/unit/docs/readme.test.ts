import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { mcpVariables } from '../../../src/mcp/config.ts'
import { portalVariables } from '../../../src/portal/config.ts'

const readme = readFileSync(resolve(import.meta.dirname, '../../../README.md'), 'utf8')
const table = [...readme.matchAll(/^\| `([A-Z][A-Z_]+)`\s*\| ([^|]*)\| ([^|]*)\|/gm)].map((row) => ({
  name: row[1] ?? '',
  readBy: (row[2] ?? '').trim(),
  fallback: (row[3] ?? '').trim(),
}))

const READ_BY = { portal: portalVariables, mcp: mcpVariables } as const
const OF_UP_ALONE = ['CLERK_STANDIN_PORT', 'MAXIMO_SIM_PORT']

/** What a variable becomes when it is not set, as the README writes it. */
function fallbackOf(service: 'portal' | 'mcp', name: string): string | undefined {
  const shape = READ_BY[service].shape as Record<string, { _zod: { def: unknown } }>
  const def = shape[name]?._zod.def as {
    defaultValue?: unknown
    in?: { _zod: { def: { defaultValue?: unknown } } }
  }
  const value = def.defaultValue ?? def.in?._zod.def.defaultValue
  return value === undefined || value === '' ? undefined : JSON.stringify(value).replaceAll('"', '')
}

describe('the table of variables in the README', () => {
  test.each(['portal', 'mcp'] as const)('names every variable that %s reads, and no other', (service) => {
    const documented = table
      .filter(({ readBy }) => readBy.split(', ').includes(service))
      .map(({ name }) => name)
    expect(documented.sort()).toEqual(Object.keys(READ_BY[service].shape).sort())
  })

  test('beside them only what `up` alone reads', () => {
    const others = table.filter(({ readBy }) => readBy === 'up').map(({ name }) => name)
    expect(others.sort()).toEqual(OF_UP_ALONE)
  })

  test.each(['portal', 'mcp'] as const)('tells the defaults of %s', (service) => {
    for (const { name, readBy, fallback } of table.filter((row) =>
      row.readBy.split(', ').includes(service),
    )) {
      const actual = fallbackOf(service, name)
      if (actual === undefined || readBy.includes(', ')) continue
      expect(fallback, name).toContain(actual)
    }
  })
})

test('the README is at most 200 lines and has the two command lines', () => {
  expect(readme.split('\n').length).toBeLessThanOrEqual(200)
  expect(readme).toContain('npm ci && npm start')
  expect(readme).toContain('npm ci && npm test')
})
