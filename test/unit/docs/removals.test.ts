import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { REMOVALS } from '../../removals/removals.ts'
import { titlePattern } from '../../removals/title-pattern.ts'
import { knownAttacks } from './known-attacks.ts'

const ROOT = resolve(import.meta.dirname, '../../..')
const read = (path: string): string => readFileSync(resolve(ROOT, path), 'utf8')

/** `npm run removals` runs them; here is held that the list is whole and that each can still be applied. */
describe('the list of removals', () => {
  const named = knownAttacks(read('docs/known-attacks.md')).flatMap(({ id, tests }) =>
    tests.flatMap(({ file, titles }) => titles.map((title) => `${id} ${file} ${title}`)),
  )
  const removed = REMOVALS.map(({ attack, test: file, title }) => `${attack} ${file} ${title}`)

  test('has one for every class of docs/known-attacks.md', () => {
    const classes = new Set(named.map((row) => row.split(' ')[0] ?? '').filter((id) => id !== ''))
    expect([...classes].filter((id) => !removed.some((row) => row.startsWith(`${id} `)))).toEqual([])
    expect(removed.length).toBeGreaterThanOrEqual(111)
  })

  test('has none for a test that docs/known-attacks.md does not name, and none twice', () => {
    expect(removed.filter((row) => !named.includes(row))).toEqual([])
    expect(new Set(removed).size).toBe(removed.length)
  })

  test.each(REMOVALS.map((removal) => [`${removal.attack} ${removal.title}`, removal] as const))(
    '%s: what it takes out is there, once',
    (_name, { edits }) => {
      expect(edits.length).toBeGreaterThan(0)
      for (const { file, find, replace } of edits) {
        expect(read(file).split(find), `${file}: ${find}`).toHaveLength(2)
        expect(replace).not.toBe(find)
      }
    },
  )

  test('a title becomes a pattern that finds it, whatever stands for its placeholders', () => {
    const pattern = (title: string): RegExp => new RegExp(titlePattern(title))
    expect('kid "../x"').toMatch(pattern('kid %j'))
    expect('with a token of two minutes ago it is refused (T-22)').toMatch(
      pattern('with a token of two minutes ago it is refused (T-22)'),
    )
    expect('kid').not.toMatch(pattern('kid %j'))
  })
})
