import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { knownAttacks } from './known-attacks.ts'

const ROOT = resolve(import.meta.dirname, '../../..')
const read = (path: string): string => readFileSync(resolve(ROOT, path), 'utf8')

const rows = knownAttacks(read('docs/known-attacks.md'))

const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => String(from + index))
const ids = (from: number, to: number): string[] =>
  numbers(from, to).map((number) => `T-${number.padStart(2, '0')}`)
/** What can go wrong between us and Maximo, and what may be typed to get there. */
const MAXIMO = [
  ...numbers(1, 15).map((number) => `M${number}`),
  ...numbers(14, 17).map((number) => `B${number}`),
  'B22',
]

/** A title as it stands in the source: at the start of a call to `test`, `describe` or their tables. */
function hasTitle(source: string, title: string): boolean {
  const calls = source.replaceAll(/\(\s+/g, '(')
  return calls.includes(`('${title}'`) || calls.includes(`(\`${title}\``)
}

describe('docs/known-attacks.md', () => {
  test('has every class once', () => {
    const listed = rows.map(({ id }) => id).filter((id) => id !== '')
    expect(listed).toEqual([...ids(1, 17), ...ids(20, 27), ...ids(30, 32), ...ids(40, 65), ...MAXIMO])
  })

  test.each(rows.map((row) => [row.attack, row] as const))('%s: place and test exist', (_attack, row) => {
    expect(row.places.length).toBeGreaterThan(0)
    for (const place of row.places) expect(existsSync(resolve(ROOT, place)), place).toBe(true)
    for (const { file, titles } of row.tests) {
      expect(titles.length, file).toBeGreaterThan(0)
      for (const title of titles) expect(hasTitle(read(file), title), `${file}: ${title}`).toBe(true)
    }
  })

  test.each(MAXIMO)('%s stands in the title of a test', (id) => {
    const titles = rows.find((row) => row.id === id)?.tests.flatMap((held) => held.titles) ?? []
    expect(titles.filter((title) => title.startsWith(`${id}: `)).length).toBeGreaterThan(0)
  })

  test('a title that is not there, or only in a comment, is found out', () => {
    expect(hasTitle("test('one', () => {})", 'one')).toBe(true)
    expect(hasTitle("test('one', () => {}) // two", 'two')).toBe(false)
  })
})
