import { parse } from 'node-html-parser'
import { describe, expect, test } from 'vitest'
import { usagePage, type UsageView } from '../../../src/portal/ui/usage-page.tsx'

const NOW_MS = Date.UTC(2026, 1, 28, 21, 30)
/** Of the day and of the month. */
const ENDS_MS = Date.UTC(2026, 2, 1)
type Known = Extract<UsageView['usage'], { state: 'known' }>

/** The page of an account that used this of the day and the month. */
function shown(
  [day, perDay]: readonly [number | null, number | null],
  [month, perMonth]: readonly [number | null, number | null],
  bend: Partial<Known> = {},
) {
  const usage: Known = {
    ...{ state: 'known', plan: 'pro', cap: null },
    day: { used: day, atMost: perDay, endsMs: ENDS_MS },
    month: { used: month, atMost: perMonth, endsMs: ENDS_MS },
    ...bend,
  }
  const html = parse(usagePage({ account: 'a@example.com', usage, nowMs: NOW_MS }))
  const of = (selector: string) => html.querySelector(selector)
  return {
    said: (name: string) => of(`[data-spent="${name}"]`)?.text.replace(/\s+/g, ' '),
    plan: of('[data-plan]')?.textContent,
    scripts: html.querySelectorAll('script').length,
    bar: (name: string) => of(`[data-spent="${name}"] rect.part`),
  }
}

describe('the page of what was used', () => {
  test('says how much is left and when it begins anew, and draws it', () => {
    const { said, bar, plan } = shown([1, 3], [12_345, 100_000])
    expect(plan).toBe('pro')
    expect(said('day')).toBe(
      'Today1 of 3 units used, 2 left.The next day begins 2026-03-01, 00:00 UTC, in 2 hours.',
    )
    expect(said('month')).toContain('12,345 of 100,000 units used, 87,655 left.')
    expect([bar('day')?.getAttribute('width'), bar('month')?.getAttribute('width')]).toEqual(['33.3', '12.3'])
  })

  test.each([
    ['all', 500, 500],
    ['more than a plan that was lowered allows', 700, 500],
    ['the nothing that a plan allows', 0, 0],
  ])('used up: %s', (_what, used, atMost) => {
    const { said, bar } = shown([used, atMost], [used, 5_000])
    expect(said('day')).toBe(
      `Todayused up${used} of ${atMost} units used, 0 left.` +
        'Calls that cost units are refused until then: the next day begins 2026-03-01, 00:00 UTC, in 2 hours.',
    )
    expect([bar('day')?.getAttribute('width'), bar('day')?.classNames]).toEqual(['100', 'part full'])
    expect(said('month')).not.toContain('used up')
  })

  test('one unit short of it is not used up', () => {
    const { said, bar } = shown([9_999, 10_000], [0, 1])
    expect(said('day')).toContain('9,999 of 10,000 units used, 1 left.The next day begins')
    expect(bar('day')?.getAttribute('width')).toBe('99.9')
    expect(said('month')).toContain('0 of 1 unit used, 1 left.')
  })

  test('one limit of two: the other is counted all the same', () => {
    const { said, bar } = shown([7, null], [30, 60])
    expect(said('day')).toContain('7 units used. Your plan has no limit per day.')
    expect(bar('day')).toBeNull()
    expect(said('month')).toContain('30 of 60 units used, 30 left.')
  })

  test('no limit at all: nothing is counted, so no figure is shown', () => {
    const { said } = shown([null, null], [null, null])
    expect([said('day'), said('month')]).toEqual([undefined, undefined])
    expect(said('unlimited')).toContain('no limit per day or per month')
  })

  test('a plan that is capped, none, and one that wants to be more than a name', () => {
    const limits = [
      [0, 1],
      [0, 1],
    ] as const
    expect(shown(...limits, { cap: 'free' }).plan).toBe('pro, with no more than free allows')
    expect(shown(...limits, { plan: '' }).plan).toBe('none, so the default one counts')
    const bad = shown(...limits, { plan: '<script>x</script>' })
    expect([bad.plan, bad.scripts]).toEqual(['<script>x</script>', 0])
  })

  test('a plan that the MCP server has not heard of is said to be unknown', () => {
    const page = usagePage({ account: 'a', usage: { state: 'no_plan' }, nowMs: NOW_MS })
    expect(page).toContain('does not know your plan yet')
    expect(page).not.toContain('data-spent')
  })
})
