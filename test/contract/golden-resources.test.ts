import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { PROMPTS } from '../../src/mcp/prompts/catalog.ts'
import { RESOURCES } from '../../src/mcp/resources/catalog.ts'

/** What clients have seen of resources and prompts; additions are written down as those of tools are. */
const GOLDEN = join(import.meta.dirname, 'golden/resources.json')

interface Known {
  readonly kind: 'resource' | 'prompt'
  readonly name: string
  readonly path?: string
  readonly mimeType?: string
  readonly tool?: string | null
  /** Required ones and all. */
  readonly required?: readonly string[]
  readonly arguments?: readonly string[]
}

const now: readonly Known[] = [
  ...RESOURCES.map(({ name, path, mimeType, tool }) => ({
    kind: 'resource' as const,
    name,
    path,
    mimeType,
    tool,
  })),
  ...PROMPTS.map(({ name, arguments: all }) => ({
    ...{ kind: 'prompt' as const, name, arguments: Object.keys(all) },
    required: Object.keys(all).filter((argument) => all[argument]?.isOptional !== true),
  })),
]
const before: readonly Known[] = existsSync(GOLDEN)
  ? (JSON.parse(readFileSync(GOLDEN, 'utf8')) as readonly Known[])
  : []

/** What a client that knows `was` can do no more. */
function broken(was: Known, all: readonly Known[]): readonly string[] {
  const is = all.find(({ kind, name }) => kind === was.kind && name === was.name)
  if (is === undefined) return [`${was.kind} ${was.name} is gone`]
  return [
    ...(is.path === was.path ? [] : [`${was.name} moved from ${was.path ?? ''}`]),
    ...(was.arguments ?? [])
      .filter((one) => is.arguments?.includes(one) !== true)
      .map((one) => `${was.name}: ${one} is gone`),
    ...(is.required ?? [])
      .filter((one) => was.required?.includes(one) !== true)
      .map((one) => `${was.name}: ${one} is demanded`),
  ]
}

describe('resources and prompts', () => {
  test('do everything that they did', () => {
    expect(before.flatMap((was) => broken(was, now))).toEqual([])
  })

  test('are written down as they are', async () => {
    expect(before.flatMap((was) => broken(was, now))).toEqual([])
    await expect(`[\n${now.map((row) => JSON.stringify(row)).join(',\n')}\n]\n`).toMatchFileSnapshot(GOLDEN)
  })

  test('a name that went, an address that moved and an argument that is newly demanded are found out', () => {
    const was: readonly Known[] = [
      { kind: 'resource', name: 'a', path: 'a/{x}' },
      { kind: 'resource', name: 'gone', path: 'gone' },
      { kind: 'prompt', name: 'p', arguments: ['one', 'two'], required: ['one'] },
    ]
    const is: readonly Known[] = [
      { kind: 'resource', name: 'a', path: 'a/{y}' },
      { kind: 'prompt', name: 'p', arguments: ['one', 'three'], required: ['one', 'three'] },
    ]
    expect(was.flatMap((one) => broken(one, is))).toEqual([
      ...['a moved from a/{x}', 'resource gone is gone', 'p: two is gone', 'p: three is demanded'],
    ])
  })
})
