import { expect, test } from 'vitest'
import { freshnessMs } from '../../../src/portal/clients/documents/freshness.ts'

const NOW_MS = Date.parse('2026-11-22T12:00:00Z')
const inSeconds = (headers: Record<string, string>) => freshnessMs(headers, NOW_MS) / 1000

test.each<[string, Record<string, string>, number]>([
  ['nothing', {}, 300],
  ['an hour', { 'cache-control': 'max-age=3600' }, 3600],
  ['an hour, quoted and in other letters', { 'cache-control': 'Public, Max-Age="3600"' }, 3600],
  ['an hour, of which half is over', { 'cache-control': 'max-age=3600', age: '1800' }, 1800],
  ['the first of two', { 'cache-control': 'max-age=3600, max-age=7200' }, 3600],
  ['the shared one', { 'cache-control': 'max-age=600, s-maxage=1200' }, 1200],
  ['no-cache beside an hour', { 'cache-control': 'no-cache, max-age=3600' }, 300],
  ['no-store beside an hour', { 'cache-control': 'max-age=3600, no-store' }, 300],
  ['a number that is none', { 'cache-control': 'max-age=forever' }, 300],
  ['a negative number', { 'cache-control': 'max-age=-1' }, 300],
  ['an end', { expires: 'Sun, 22 Nov 2026 13:00:00 GMT' }, 3600],
  [
    'an end by its own clock',
    { expires: 'Sun, 22 Nov 2026 15:00:00 GMT', date: 'Sun, 22 Nov 2026 14:00:00 GMT' },
    3600,
  ],
  ['an end that is none', { expires: '0' }, 300],
  [
    'max-age before an end',
    { 'cache-control': 'max-age=600', expires: 'Sun, 22 Nov 2026 13:00:00 GMT' },
    600,
  ],
  ['a year', { 'cache-control': 'max-age=31536000' }, 86_400],
])('%s: kept for so many seconds', (_what, headers, seconds) => {
  expect(inSeconds(headers)).toBe(seconds)
})
