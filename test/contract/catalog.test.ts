import { countTokens } from 'gpt-tokenizer/encoding/o200k_base'
import { describe, expect, test } from 'vitest'
import { CATALOG } from '../../src/mcp/tools/catalog.ts'
import { DEFAULT_LIMIT, MAX_LIMIT } from '../../src/mcp/tools/inputs.ts'
import type { Tool } from '../../src/mcp/tools/tool.ts'
import { INSTRUCTIONS } from '../../src/mcp/transport/protocol.ts'
import { listed } from '../../src/mcp/transport/tool-lists.ts'

describe.each(CATALOG.map((tool) => [tool.name, tool] as const))('%s', (_name, tool) => {
  const shown = listed(tool)
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
    const prepared = tool.prepare({ ...minimal(tool), no_such_argument: 1 })
    expect(prepared).toMatchObject({ ok: false, error: { kind: 'invalid_input' } })
    expect(prepared.ok ? '' : prepared.error.what).toContain('There is no argument "no_such_argument"')
  })

  test('takes its required arguments alone', () => {
    expect(tool.prepare(minimal(tool)).ok).toBe(true)
  })

  test('gives no orders and promises no write', () => {
    expect(tool.description).not.toMatch(/\b(always|never call|must call|do not ask|important)\b/i)
  })
})

interface Shown {
  readonly type?: string
  readonly format?: string
  readonly pattern?: string
  readonly enum?: readonly unknown[]
  readonly minimum?: number
  readonly items?: Shown
  readonly properties?: Readonly<Record<string, Shown>>
  readonly required?: readonly string[]
}

const FORMATS: Readonly<Record<string, string>> = {
  date: '2026-01-02',
  'date-time': '2026-01-02T03:04:05Z',
  uri: 'https://docs.example/1',
}

/** The required arguments with the simplest values that the shown schema allows. */
const minimal = ({ inputSchema }: Tool): object => simplest(inputSchema as Shown) as object

/** Texts, of which a pattern takes the first that fits it. */
const TEXTS = ['X1', '1', 'x:1', '2026-01-02', '2026-01-02T03:04:05Z']
function simplest({
  type,
  format,
  pattern = '',
  enum: choice,
  minimum,
  items,
  properties,
  required = [],
}: Shown): unknown {
  if (choice !== undefined) return choice[0]
  switch (type) {
    case 'object':
      return Object.fromEntries(required.map((name) => [name, simplest(properties?.[name] ?? {})]))
    case 'array':
      return [simplest(items ?? {})]
    case 'integer':
    case 'number':
      return minimum ?? 1
    case 'boolean':
      return true
    default:
      return FORMATS[format ?? ''] ?? TEXTS.find((text) => new RegExp(pattern, 'u').test(text))
  }
}

test('the default list stays small, and so do the whole list and the instructions', () => {
  const tokens = (tools: readonly Tool[]): number => countTokens(JSON.stringify(tools.map(listed)))
  expect(tokens(CATALOG.filter(({ isOnRequest }) => isOnRequest !== true))).toBeLessThanOrEqual(4_000)
  expect(tokens(CATALOG)).toBeLessThanOrEqual(18_000)
  expect(INSTRUCTIONS.length).toBeLessThan(1_500)
})

test('lists are bounded by themselves', () => {
  expect([DEFAULT_LIMIT, MAX_LIMIT]).toEqual([25, 200])
})
