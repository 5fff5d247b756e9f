import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { csvLine } from '../../../src/mcp/tools/result/csv.ts'
import { visible, visibleJson } from '../../../src/mcp/tools/result/visible.ts'

describe('text from Maximo is shown with what hides in it', () => {
  test.each([
    ['a right-to-left override', 'safe\u202Eexe.', 'safe⟦U+202E⟧exe.'],
    ['zero-width marks', 'a\u200B\u200D\u2060b\uFEFF', 'a⟦U+200B⟧⟦U+200D⟧⟦U+2060⟧b⟦U+FEFF⟧'],
    ['an escape sequence', '\u001b[31mred', '⟦U+001B⟧[31mred'],
    ['a carriage return that overwrites a line', 'ok\rbad', 'ok⟦U+000D⟧bad'],
    ['tag characters, invisible ASCII', 'x\u{E0069}\u{E0067}', 'x⟦U+E0069⟧⟦U+E0067⟧'],
    ['a line separator', 'a\u2028b', 'a⟦U+2028⟧b'],
    ['half a surrogate pair', 'a\uD800b', 'a⟦U+D800⟧b'],
    ['isolates', '\u2066x\u2069', '⟦U+2066⟧x⟦U+2069⟧'],
    ['a soft hyphen', 'co\u00ADop', 'co⟦U+00AD⟧op'],
  ])('%s', (_name, text, shown) => {
    expect(visible(text)).toBe(shown)
    expect(JSON.parse(visibleJson({ a: [text] }))).toEqual({ a: [shown] })
  })

  test.each([
    'Pump seal leak',
    'Jörg Müller, 100 µm',
    'two\nlines\tand a tab',
    '日本語 🔧',
    'back\\slash \\u202e "quoted"',
  ])('ordinary text stays as it is: %s', (text) => {
    expect(visible(text)).toBe(text)
    expect(JSON.parse(visibleJson([text]))).toEqual([text])
  })

  test('names of columns come from Maximo too', () => {
    expect(visibleJson({ 'a\u202Eb': 1 })).toBe('{"a⟦U+202E⟧b":1}')
  })

  test('DEL, which JSON does not escape, is seen in an otherwise plain line', () => {
    expect(visibleJson(['plain', 'a\u007Fb'])).toBe('["plain","a⟦U+007F⟧b"]')
  })

  test('whatever the text, no hidden character is left, and what is not hidden is not changed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        const shown = visible(text)
        expect(shown).not.toMatch(
          /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/,
        )
        expect(JSON.parse(visibleJson(text))).toBe(shown)
      }),
    )
  })
})

describe('CSV', () => {
  test('quotes what would break the line', () => {
    expect(csvLine(['a,b', 'say "x"', 'two\nlines', 5, true, null, undefined])).toBe(
      '"a,b","say ""x""","two\nlines",5,true,,',
    )
  })

  test.each(['=1+1', '+cmd', '-2+3', '@SUM(A1)', '\t=1', ' =HYPERLINK("x")', '|calc', '%x', '\n=1'])(
    'text that a spreadsheet would run is disarmed: %j',
    (text) => {
      expect(csvLine([text])).toMatch(/^"?'/)
    },
  )

  test('a negative number is a number', () => {
    expect(csvLine([-5, '5-3'])).toBe('-5,5-3')
  })

  test('a nested value is JSON in one cell', () => {
    expect(csvLine([{ a: 1 }])).toBe('"{""a"":1}"')
  })
})
