import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseWhere } from '../../../src/dev/simulator/where/parse-where.ts'
import { anyCharacter } from './running-plant.ts'
import { likeTest } from '../../../src/dev/simulator/where/like.ts'

describe('oslc.where takes', () => {
  test.each([
    [
      'a text',
      'status="APPR"',
      [{ kind: 'compare', path: ['status'], operator: '=', literal: text('APPR') }],
    ],
    ['a number', 'wopriority>=2', [compare('wopriority', '>=', { kind: 'number', value: 2 })]],
    ['a negative decimal', 'quantity<-1.5', [compare('quantity', '<', { kind: 'number', value: -1.5 })]],
    ['a bare boolean', 'istask=false', [compare('istask', '=', { kind: 'boolean', value: false })]],
    ['an upper-case name', 'WONUM="1"', [compare('wonum', '=', text('1'))]],
    ['blanks around an operator', 'status != "CAN"', [compare('status', '!=', text('CAN'))]],
    ['the prefix of old clients', 'spi:wonum="1"', [compare('wonum', '=', text('1'))]],
    ['a text that looks like syntax', 'wonum="a=1 and (b)"', [compare('wonum', '=', text('a=1 and (b)'))]],
    ['an empty text', 'wonum=""', [compare('wonum', '=', text(''))]],
  ])('%s', (_name, clause, terms) => {
    expect(parseWhere(clause)).toEqual(terms)
  })

  test('terms joined by and', () => {
    expect(parseWhere('a="1" and b=2 and c!="*"')).toHaveLength(3)
  })

  test('a dotted path and a nested term', () => {
    expect(parseWhere('asset.location.description="x" and rel{a="1" and b>2}')).toMatchObject([
      { path: ['asset', 'location', 'description'] },
      { kind: 'nested', path: ['rel'], terms: [{ path: ['a'] }, { path: ['b'] }] },
    ])
  })

  test('a list without blanks', () => {
    expect(parseWhere('status in ["A","B"] and p in [1,2]')).toMatchObject([
      { kind: 'in', literals: [text('A'), text('B')] },
      { kind: 'in', literals: [{ value: 1 }, { value: 2 }] },
    ])
  })

  test('a list with blanks where the instance allows it', () => {
    expect(parseWhere('status in [ "A", "B" ]', true)).toHaveLength(1)
  })
})

describe('oslc.where refuses, and says where', () => {
  test.each([
    ['a parenthesis', '(status="APPR")', '"("', 1, 1],
    ['or', 'a="1" or b="2"', '"or"', 1, 7],
    ['SQL', '1=1', '"1"', 1, 1],
    ['a single quote', "status='APPR'", '"\'"', 1, 8],
    ['like', 'status like "A%"', '"like"', 1, 8],
    ['an unclosed text', 'status="APPR', '"<EOF>"', 1, 13],
    ['a second quote inside a text', 'description="2" valve"', '"valve"', 1, 17],
    ['nothing', '', '"<EOF>"', 1, 1],
    ['a missing value', 'status=', '"<EOF>"', 1, 8],
    ['a missing operator', 'status "APPR"', '""APPR""', 1, 8],
    ['a trailing and', 'status="A" and', '"<EOF>"', 1, 15],
    ['a bare word as value', 'status=APPR', '"APPR"', 1, 8],
    ['a round list', 'status in ("A")', '"("', 1, 11],
    ['an empty list', 'status in []', '"]"', 1, 12],
    ['a trailing comma', 'status in ["A",]', '"]"', 1, 16],
    ['a blank in a list', 'status in ["A", "B"]', '" "', 1, 16],
    ['an unclosed brace', 'rel{a="1"', '"<EOF>"', 1, 10],
    ['an upper-case AND', 'a="1" AND b="2"', '"AND"', 1, 7],
    ['a semicolon', 'a="1";', '";"', 1, 6],
    ['a comment', 'a="1" -- x', '"-"', 1, 7],
    ['an error in the second line', 'a="1" and\n  or="2"', '"or"', 2, 3],
  ])('%s', (_name, clause, found, line, column) => {
    expect(() => parseWhere(clause)).toThrow(
      expect.objectContaining({
        status: 400,
        code: 'BMXAA8744E',
        message: expect.stringContaining(`Encountered ${found} at line ${line}, column ${column}.`),
      }),
    )
  })

  test('whatever is not a clause, never with another kind of error', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter, maxLength: 60 }), (clause) => {
        try {
          parseWhere(clause)
        } catch (error) {
          expect(error).toMatchObject({ name: 'BmxError', status: 400 })
        }
      }),
    )
  })
})

describe('a value', () => {
  test('of any characters but a double quote is read as it was written', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter }).filter(hasNoQuote), (value) => {
        expect(parseWhere(`a="${value}" and b="x"`)[0]).toMatchObject({ literal: text(value) })
      }),
    )
  })

  test('as a pattern matches itself, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter }), (value) => {
        expect(likeTest(`%${value.replaceAll('%', '')}%`, false)(value)).toBe(
          !value.includes('%') || hasInOrder(value),
        )
      }),
    )
  })

  test('with an underscore stands for itself unless the instance reads it as SQL does', () => {
    expect(likeTest('A_B%', false)('AXB')).toBe(false)
    expect(likeTest('A_B%', false)('A_B')).toBe(true)
    expect(likeTest('A_B%', true)('AXB')).toBe(true)
  })
})

const hasNoQuote = (value: string): boolean => !value.includes('"')
const hasInOrder = (value: string): boolean => value.includes(value.replaceAll('%', ''))

function text(value: string): { kind: 'text'; value: string } {
  return { kind: 'text', value }
}

function compare(name: string, operator: string, literal: object): object {
  return { kind: 'compare', path: [name], operator, literal }
}
