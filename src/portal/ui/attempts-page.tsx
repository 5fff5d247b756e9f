import type { JSX } from 'preact'
import type { StepInWords } from '../traces/describe-step.ts'
import { messagePage } from './message-page.tsx'
import { Page, renderPage } from './page.tsx'

export const ATTEMPTS_PATH = '/attempts'

export interface AttemptRow {
  readonly id: string
  readonly began: string
  readonly client: string
  /** The last step it reached. */
  readonly at: string
  readonly state: 'connected' | 'open' | 'stopped'
  readonly why: string | null
}

const STATES: Readonly<Record<AttemptRow['state'], { readonly words: string; readonly look: string }>> = {
  connected: { words: 'Connected', look: 'state live' },
  open: { words: 'Not finished', look: 'state' },
  stopped: { words: 'Stopped', look: 'state waiting' },
}

export function attemptsPage(view: {
  readonly account: string
  readonly rows: readonly AttemptRow[]
}): string {
  return renderPage(
    <Page title="Login attempts" account={view.account} current="connections">
      <h1>Login attempts</h1>
      <p class="lead">
        What your clients tried in the last 30 days, step by step. Secrets are never kept: you see their
        length.
      </p>
      <section class="card" aria-labelledby="find">
        <h2 id="find">Find one by its reference</h2>
        <form method="get" action={ATTEMPTS_PATH}>
          <div class="field">
            <label for="reference">Reference</label>
            <span class="hint">
              It stands at the foot of an error page, or in the header X-Correlation-Id.
            </span>
            <input type="text" id="reference" name="reference" required maxLength={40} autocomplete="off" />
          </div>
          <button type="submit">Show it</button>
        </form>
      </section>
      {view.rows.length === 0 ? <p>There are none yet.</p> : null}
      <ul class="cards">
        {view.rows.map((row) => (
          <Row {...row} key={row.id} />
        ))}
      </ul>
    </Page>,
  )
}

const Row = ({ id, began, client, at, state, why }: AttemptRow): JSX.Element => (
  <li class="card" data-attempt={id} data-state={state}>
    <div class="head">
      <div>
        <h2>
          <a href={`${ATTEMPTS_PATH}/${id}`}>
            “<bdi>{client}</bdi>”, {began}
          </a>
        </h2>
        <p class="soft">Last step: {at}</p>
      </div>
      <p class={STATES[state].look}>{STATES[state].words}</p>
    </div>
    {why === null ? null : <p>{why}</p>}
  </li>
)

export interface AttemptView {
  readonly account: string
  readonly id: string
  readonly steps: readonly (StepInWords & { readonly when: string })[]
}

const OUTCOMES: Readonly<Record<StepInWords['outcome'], { readonly words: string; readonly look: string }>> =
  {
    passed: { words: 'Passed', look: 'state live' },
    refused: { words: 'Refused', look: 'state waiting' },
    failed: { words: 'Not decided', look: 'state waiting' },
  }

export function attemptPage({ account, id, steps }: AttemptView): string {
  return renderPage(
    <Page title="A login attempt" account={account} current="connections">
      <a class="back" href={ATTEMPTS_PATH}>
        All login attempts
      </a>
      <h1>A login attempt</h1>
      <p class="lead">
        For your operator: <code>maximo-mcp doctor connection {id}</code>
      </p>
      <ol class="cards">
        {steps.map((step) => (
          <Step {...step} key={step.reference} />
        ))}
      </ol>
    </Page>,
  )
}

const Step = (step: AttemptView['steps'][number]): JSX.Element => (
  <li class="card" data-outcome={step.outcome}>
    <div class="head">
      <div>
        <h2>{step.name}</h2>
        <p class="soft">{step.when}</p>
      </div>
      <p class={OUTCOMES[step.outcome].look}>{OUTCOMES[step.outcome].words}</p>
    </div>
    {step.why === '' ? null : (
      <div class="note warn">
        <p>
          {step.why} <strong>{step.todo}</strong>
        </p>
      </div>
    )}
    <dl>
      <Pairs what="Sent" pairs={step.sent} />
      <Pairs what="At the portal" pairs={step.known} />
      <dt>From</dt>
      <dd>
        <bdi>{step.from}</bdi>
      </dd>
      <dt>Reference</dt>
      <dd>
        <code>{step.reference}</code>
        {step.reason === null ? null : ` · ${step.reason}`}
      </dd>
    </dl>
  </li>
)

const Pairs = ({
  what,
  pairs,
}: {
  readonly what: string
  readonly pairs: StepInWords['sent']
}): JSX.Element | null =>
  pairs.length === 0 ? null : (
    <>
      <dt>{what}</dt>
      <dd>
        {pairs.map(([name, value]) => (
          <div key={name}>
            <code>{name}</code> <bdi>{value}</bdi>
          </div>
        ))}
      </dd>
    </>
  )

export const attemptGonePage = (correlationId: string): string =>
  messagePage({
    status: 404,
    heading: 'There is no such login attempt',
    what: 'It is older than 30 days, was never kept, or belongs to another account.',
    next: (
      <>
        See <a href={ATTEMPTS_PATH}>your login attempts</a>, or ask your operator.
      </>
    ),
    correlationId,
  })
