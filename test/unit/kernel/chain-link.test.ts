import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import {
  bodyOf,
  checkLine,
  checkSkip,
  hashOfLine,
  nextLine,
  numberOfLine,
  readSkip,
  skipLine,
} from '../../../src/kernel/chain-link.ts'

const TIP = { n: 41, hash: 'p'.repeat(43) }
const BODY = '{"a":1,"b":"x"}'
const HASH = createHash('sha256').update(`${TIP.hash}{"n":42,"a":1,"b":"x"}`).digest('base64url')
const LINE = `{"n":42,"a":1,"b":"x","h":"${HASH}"}`
const check = (text: string, tip = TIP) => checkLine(tip, Buffer.from(text))

describe('a line', () => {
  test('holds its number, its content and the hash of both and of the line before', () => {
    expect(nextLine(TIP, BODY)).toEqual({ n: 42, text: LINE, hash: HASH })
    expect(bodyOf({ text: LINE })).toBe(BODY)
    expect([numberOfLine(LINE), hashOfLine(LINE)]).toEqual([42, HASH])
    expect(check(LINE)).toEqual({ hash: HASH })
  })

  test.each([
    ['', 'not a record'],
    ['{"n":42,"h":"x"}', 'not a record'],
    [LINE.replace('42', '43'), 'not record 42 of the chain'],
    [LINE.replace('42', '4'), 'not record 42 of the chain'],
    [`x${LINE.slice(1)}`, 'not record 42 of the chain'],
    [LINE.replace('x', 'y'), 'its hash does not follow from its content and the record before'],
    [LINE.replace('"h"', '"g"'), 'its hash does not follow from its content and the record before'],
    [`${LINE.slice(0, -1)} `, 'its hash does not follow from its content and the record before'],
    [`${LINE} `, 'its hash does not follow from its content and the record before'],
  ])('%j is not the next one: %s', (text, wrong) => {
    expect(check(text)).toEqual({ wrong })
  })

  test('of another line before does not follow, and one without content is none', () => {
    expect(check(LINE, { n: 41, hash: 'q'.repeat(43) })).toHaveProperty('wrong')
    const empty = createHash('sha256').update(`${TIP.hash}{"n":42,}`).digest('base64url')
    expect(check(`{"n":42,,"h":"${empty}"}`)).toEqual({ wrong: 'not a record' })
  })
})

describe('a skip', () => {
  const SKIP = `{"n":42,"from":7,"h":"${HASH}"}`
  const READ = { n: 42, text: SKIP, hash: HASH, skipsFrom: 7 }

  test('stands for some records and carries the hash of the last', () => {
    expect(skipLine(7, { n: 42, hash: HASH })).toEqual(READ)
    expect([readSkip(SKIP), readSkip(Buffer.from(SKIP))]).toEqual([READ, READ])
    expect([numberOfLine(SKIP), hashOfLine(SKIP)]).toEqual([42, HASH])
    const greatest = skipLine(999_999_999_999_998, { n: 999_999_999_999_999, hash: HASH })
    expect(readSkip(greatest.text)).toEqual(greatest)
  })

  test.each([
    LINE,
    ` ${SKIP}`,
    `${SKIP} `,
    SKIP.replace('42', 'x'),
    SKIP.replace('7', 'x'),
    SKIP.replace('42', '1234567890123456'),
    SKIP.replace('7', '1234567890123456'),
    SKIP.replace(HASH, HASH.slice(1)),
    SKIP.replace(HASH, `${HASH.slice(1)}+`),
  ])('%j is none', (text) => {
    expect(readSkip(text)).toBeNull()
  })

  test('goes on after the line before the first that it stands for, by one or more', () => {
    const after = (n: number, from: number, last: number) =>
      checkSkip({ n, hash: 'q' }, skipLine(from, { n: last, hash: HASH }))
    expect(after(6, 7, 42)).toEqual({ hash: HASH })
    expect(after(6, 7, 7)).toEqual({ hash: HASH })
    expect(after(5, 7, 42)).toEqual({ wrong: 'not record 6 of the chain' })
    expect(after(7, 7, 42)).toEqual({ wrong: 'not record 8 of the chain' })
    expect(after(6, 7, 6)).toEqual({ wrong: 'not record 7 of the chain' })
    expect(checkSkip(TIP, nextLine(TIP, BODY))).toEqual({ wrong: 'not record 42 of the chain' })
  })
})
