import { expect, test } from 'vitest'
import { cleanClientName } from '../../../src/portal/clients/client-name.ts'

test.each([
  ['Claude Code', 'Claude Code'],
  ['  Visual   Studio\nCode ', 'Visual Studio Code'],
  ['\u202Eedualc', 'edualc'],
  ['Cla\u200Bude', 'Claude'],
  ['Cl\u2066aude\u2069', 'Claude'],
  ['\uFF23laude', 'Claude'],
  ['a\u0000b\u001B[31m', 'ab[31m'],
  ['\u{E0041}x', 'x'],
  ['\u3164\u2800', 'Unnamed client'],
  ['', 'Unnamed client'],
  [undefined, 'Unnamed client'],
  [42, 'Unnamed client'],
  [{ toString: 'x' }, 'Unnamed client'],
  ['<b>bold</b>', '<b>bold</b>'],
  ['Caf\u00E9', 'Café'],
  [`z${'\u0335'.repeat(50)}`, 'z\u0335\u0335'],
])('%j is shown as %j', (raw, shown) => {
  expect(cleanClientName(raw)).toBe(shown)
})

test('a name of any length fits on a line, and no pair is split', () => {
  expect(cleanClientName('x'.repeat(10_000))).toHaveLength(60)
  const emoji = cleanClientName('😀'.repeat(100))
  expect(emoji).toBe('😀'.repeat(30))
})
