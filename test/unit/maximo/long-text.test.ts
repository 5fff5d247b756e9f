import fc from 'fast-check'
import { expect, test } from 'vitest'
import { plainText } from '../../../src/maximo/records/long-text.ts'

test.each([
  ['plain', 'Check the seal.', 'Check the seal.'],
  ['with its marker', 'See notes.<br>Take photographs. <!-- RICH TEXT -->', 'See notes.\nTake photographs.'],
  ['with blocks', '<p>One</p><p>Two &amp; three</p><!-- RICH TEXT -->', 'One\nTwo & three'],
  ['with a list', '<ul><li>a</li><li>b</li></ul><!-- RICH TEXT -->', 'a\nb'],
  ['with a script', 'x<script>alert(1)</script>y<!-- RICH TEXT -->', 'xy'],
  ['with a style', '<style>p{}</style><p>x</p><!-- RICH TEXT -->', 'x'],
  ['with a comment', 'a<!-- hidden -->b<!-- RICH TEXT -->', 'ab'],
  ['HTML without its marker', '<div>x</div>', 'x'],
  ['a comparison', 'if p < 5 and q > 3', 'if p < 5 and q > 3'],
  ['empty', '<!-- RICH TEXT -->', ''],
])('a long description %s', (_name, html, text) => {
  expect(plainText(html)).toBe(text)
})

test('never throws, and never grows', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.boolean(), (text, isRich) => {
      const plain = plainText(isRich ? `${text}<!-- RICH TEXT -->` : text)
      expect(plain.length).toBeLessThanOrEqual(text.length + 20)
    }),
  )
})
