import { countTokens } from 'gpt-tokenizer/encoding/o200k_base'
import { describe, expect, test } from 'vitest'
import { CATALOG } from '../../src/mcp/tools/catalog/catalog.ts'
import { DEFAULT_LIMIT, MAX_LIMIT } from '../../src/mcp/tools/query/inputs.ts'
import { ownObjects } from '../../src/mcp/tools/access/policy.ts'
import type { Tool } from '../../src/mcp/tools/tool.ts'
import { INSTRUCTIONS } from '../../src/mcp/transport/protocol.ts'
import { listed } from '../../src/mcp/transport/tool-lists.ts'
import { simplestArguments } from '../support/mcp/simplest-arguments.ts'

describe.each(CATALOG.map((tool) => [tool.name, tool] as const))('%s', (_name, tool) => {
  const shown = listed(tool, true)
  const text = JSON.stringify(shown)

  test('has a name that every client takes', () => {
    expect(tool.name).toMatch(/^[a-z][a-z0-9_]{2,39}$/)
  })

  test('has a title, a description of one to three sentences, and all four hints', () => {
    expect(tool.title.length).toBeGreaterThan(3)
    expect(tool.description.length).toBeGreaterThan(20)
    expect(Buffer.byteLength(tool.description)).toBeLessThan(600)
    expect(Object.keys(shown.annotations).sort()).toEqual([
      'destructiveHint',
      'idempotentHint',
      'openWorldHint',
      'readOnlyHint',
    ])
  })

  test('has hints that follow from its effect', () => {
    expect(shown.annotations.readOnlyHint).toBe(tool.effect === 'read')
    expect(shown.annotations.destructiveHint).toBe(tool.effect === 'change')
  })

  test('has an object schema that is closed, without a choice at its root', () => {
    expect(shown.inputSchema).toMatchObject({ type: 'object', additionalProperties: false })
    for (const keyword of ['anyOf', 'oneOf', 'allOf', '$ref', '$schema']) {
      expect(Object.keys(shown.inputSchema)).not.toContain(keyword)
    }
  })

  test('costs a client few tokens', () => {
    expect(countTokens(text)).toBeLessThanOrEqual(400)
  })

  test('refuses an argument that it does not have', () => {
    const prepared = tool.prepare({ ...simplestArguments(tool), no_such_argument: 1 })
    expect(prepared).toMatchObject({ ok: false, error: { kind: 'invalid_input' } })
    expect(prepared.ok ? '' : prepared.error.what).toContain('There is no argument "no_such_argument"')
  })

  test('takes its required arguments alone', () => {
    expect(tool.prepare(simplestArguments(tool)).ok).toBe(true)
  })

  test('gives no orders and promises no write', () => {
    expect(tool.description).not.toMatch(/\b(always|never call|must call|do not ask|important)\b/i)
  })
})

test('the default list stays small, and so do the whole list and the instructions', () => {
  const tokens = (tools: readonly Tool[]): number =>
    countTokens(JSON.stringify(tools.map((tool) => listed(tool, true))))
  expect(tokens(CATALOG.filter(({ isOnRequest }) => isOnRequest !== true))).toBeLessThanOrEqual(4_000)
  expect(tokens(CATALOG)).toBeLessThanOrEqual(18_000)
  expect(INSTRUCTIONS.length).toBeLessThan(1_500)
})

test('the rights that a list depends on are asked for at once, which takes at most 50', () => {
  expect(new Set(CATALOG.flatMap(ownObjects)).size).toBeLessThanOrEqual(50)
})

test('lists are bounded by themselves', () => {
  expect([DEFAULT_LIMIT, MAX_LIMIT]).toEqual([25, 200])
})
