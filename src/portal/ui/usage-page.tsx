import type { JSX } from 'preact'
import type { z } from 'zod'
import type { accountUsage } from '../../crypto/account-usage.ts'
import { ahead } from './ago.ts'
import { MINUTES } from './minutes.ts'
import { Page, renderPage } from './page.tsx'

type Usage = z.output<typeof accountUsage.answer>
type Known = Extract<Usage, { state: 'known' }>

export interface UsageView {
  readonly account: string
  /** Null: the MCP server does not say now. */
  readonly usage: Usage | null
  readonly nowMs: number
}

export function usagePage({ account, usage, nowMs }: UsageView): string {
  return renderPage(
    <Page title="Usage" account={account} current="usage">
      <h1>What you have used</h1>
      <p class="lead">
        Every tool call costs units. All your connections and tokens spend from the same, and each day and
        each month begin anew, by UTC.
      </p>
      {usage === null ? (
        <Silent />
      ) : usage.state === 'no_plan' ? (
        <NoPlan />
      ) : (
        <Spent {...usage} nowMs={nowMs} />
      )}
    </Page>,
  )
}

const Silent = (): JSX.Element => (
  <div class="note warn" role="status">
    <p>
      The MCP server does not say now what you have used. Nothing of it is lost or counted twice. Try again in
      a moment: reload this page.
    </p>
  </div>
)

const NoPlan = (): JSX.Element => (
  <div class="note warn" role="status">
    <p>
      The MCP server does not know your plan yet, so it cannot say what you may use. Try again in a moment:
      reload this page.
    </p>
  </div>
)

const Spent = ({ plan, cap, day, month, nowMs }: Known & { readonly nowMs: number }): JSX.Element => (
  <>
    <dl>
      <dt>Plan</dt>
      <dd data-plan>
        {plan === '' ? 'none, so the default one counts' : <bdi>{plan}</bdi>}
        {cap === null ? null : (
          <>
            , with no more than <bdi>{cap}</bdi> allows
          </>
        )}
      </dd>
    </dl>
    {day.used === null ? (
      <div class="card" data-spent="unlimited">
        <h2>Without limit</h2>
        <p>Your plan has no limit per day or per month, so nothing is counted.</p>
      </div>
    ) : null}
    <Span name="day" heading="Today" {...day} nowMs={nowMs} />
    <Span name="month" heading="This month" {...month} nowMs={nowMs} />
  </>
)

interface SpanProps {
  readonly name: 'day' | 'month'
  readonly heading: string
  readonly used: number | null
  readonly atMost: number | null
  readonly endsMs: number
  readonly nowMs: number
}

function Span({ name, heading, used, atMost, endsMs, nowMs }: SpanProps): JSX.Element | null {
  if (used === null) return null
  const isSpent = atMost !== null && used >= atMost
  return (
    <div class="card" data-spent={name}>
      <div class="head">
        <h2>{heading}</h2>
        {isSpent ? <span class="state waiting">used up</span> : null}
      </div>
      <p>
        {atMost === null
          ? `${units(used)} used. Your plan has no limit per ${name}.`
          : `${number(used)} of ${units(atMost)} used, ${number(Math.max(0, atMost - used))} left.`}
      </p>
      {atMost === null ? null : <Bar used={used} atMost={atMost} />}
      <p class="fine">
        {isSpent ? 'Calls that cost units are refused until then: the' : 'The'} next {name} begins{' '}
        {MINUTES.format(endsMs)} UTC, {ahead(endsMs, nowMs)}.
      </p>
    </div>
  )
}

/** Decoration: the sentence before it says the same. */
const Bar = ({ used, atMost }: { readonly used: number; readonly atMost: number }): JSX.Element => (
  <svg class="bar-of" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
    <rect class="whole" width="100" height="1" />
    <rect class={used >= atMost ? 'part full' : 'part'} width={percent(used, atMost)} height="1" />
  </svg>
)

const percent = (used: number, atMost: number): number =>
  used >= atMost ? 100 : Math.floor((used / atMost) * 1000) / 10

const NUMBER = new Intl.NumberFormat('en-US')
const number = (count: number): string => NUMBER.format(count)
const units = (count: number): string => `${number(count)} ${count === 1 ? 'unit' : 'units'}`
