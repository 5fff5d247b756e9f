import type { JSX } from 'preact'
import { PRESETS, PROFILES, RISKS } from '../../crypto/restrictions.ts'
import { PRESET_WORDS, PROFILE_WORDS, RISK_WORDS } from '../tokens/words.ts'
import { Hidden, Page, renderPage } from './page.tsx'

export interface MachineFormView {
  readonly account: string
  readonly environments: readonly { readonly env: string; readonly label: string; readonly host: string }[]
  readonly scopes: readonly { readonly scope: string; readonly means: string }[]
  readonly issuers: readonly { readonly issuer: string; readonly name: string }[]
  readonly audiences: readonly string[]
  readonly ruleRows: readonly number[]
  readonly formToken: string
  /** What was typed before, when something was wrong with it. */
  readonly typed: Readonly<Record<string, string>>
  readonly problem: string | null
}

/** The registration of a machine client; without script, so every way to prove oneself is in sight. */
export function machineFormPage(view: MachineFormView): string {
  return renderPage(
    <Page title="New machine client" account={view.account} current="connections">
      <h1>Register a machine client</h1>
      <p class="lead">
        For a pipeline or a service that calls Maximo without a person. It gets short-lived tokens for one
        environment, by proving who it is each time. You can end it under Connections; its tokens then fail
        with their next call.
      </p>
      {view.problem === null ? null : (
        <div class="note bad" role="alert">
          <p>{view.problem}</p>
        </div>
      )}
      {view.environments.length === 0 ? <NoEnvironment /> : <Form view={view} />}
    </Page>,
  )
}

const NoEnvironment = (): JSX.Element => (
  <div class="card">
    <p>You have no Maximo environment yet, so there is nothing to give access to.</p>
    <p>
      <a class="button primary" href="/environments">
        Add an environment
      </a>
    </p>
  </div>
)

interface Shown {
  readonly view: MachineFormView
}

const Form = ({ view }: Shown): JSX.Element => (
  <form method="post" action="/machines">
    <Hidden fields={{ form: view.formToken }} />
    <section class="card" aria-labelledby="what">
      <h2 id="what">What it is</h2>
      <div class="field">
        <label for="name">Name</label>
        <input id="name" name="name" type="text" maxlength={60} required value={view.typed['name'] ?? ''} />
      </div>
      <Select
        id="env"
        name="Maximo environment"
        typed={view.typed}
        options={view.environments.map(({ env, label, host }) => ({
          value: env,
          text: `${label} (${host})`,
        }))}
      />
      <Select
        id="profile"
        name="How often it calls"
        typed={view.typed}
        first="batch"
        options={PROFILES.map((value) => ({ value, text: PROFILE_WORDS[value] }))}
      />
    </section>
    <Rights view={view} />
    <Proof view={view} />
    <div class="row decide">
      <button class="primary" type="submit">
        Register
      </button>
      <a class="button" href="/connections">
        Cancel
      </a>
    </div>
  </form>
)

interface SelectProps {
  readonly id: string
  readonly name: string
  readonly typed: Readonly<Record<string, string>>
  readonly options: readonly { readonly value: string; readonly text: string }[]
  readonly first?: string
}

const Select = ({ id, name, typed, options, first = '' }: SelectProps): JSX.Element => (
  <div class="field">
    <label for={id}>{name}</label>
    <select id={id} name={id}>
      {options.map(({ value, text }) => (
        <option value={value} selected={value === (typed[id] ?? first)} key={value}>
          {text}
        </option>
      ))}
    </select>
  </div>
)

const Rights = ({ view }: Shown): JSX.Element => (
  <section class="card" aria-labelledby="rights">
    <h2 id="rights">What it may do</h2>
    <div class="choices">
      {view.scopes.map(({ scope, means }, index) => (
        <label class="choice" key={scope}>
          <input type="checkbox" name={`scope:${scope}`} value="yes" checked={index === 0} />
          <span>{means}</span>
        </label>
      ))}
    </div>
    <Select
      id="objects"
      name="Objects"
      typed={view.typed}
      options={[
        { value: '', text: 'All that your Maximo user may see' },
        ...PRESETS.map((value) => ({ value, text: `${value}: ${PRESET_WORDS[value]}` })),
      ]}
    />
    <Select
      id="risk"
      name="Highest risk of a change without a person"
      typed={view.typed}
      options={RISKS.map((value) => ({
        value,
        text: `${RISK_WORDS[value].name}: ${RISK_WORDS[value].means}`,
      }))}
    />
    <div class="field">
      <label for="networks">Only from these networks (optional, up to four)</label>
      <input
        id="networks"
        name="networks"
        type="text"
        maxlength={180}
        value={view.typed['networks'] ?? ''}
        placeholder="192.0.2.0/24"
      />
    </div>
  </section>
)

const Proof = ({ view }: Shown): JSX.Element => (
  <fieldset>
    <legend>How it proves who it is</legend>
    {view.issuers.length === 0 ? null : <Workload view={view} />}
    <section class="card">
      <Way value="keys" view={view} name="A key pair of its own" first={view.issuers.length === 0}>
        It signs a short-lived assertion; the private key never leaves it.
      </Way>
      <div class="field">
        <label for="keys">Public key, as PEM, JWK or JWK set</label>
        <textarea id="keys" name="keys" rows={5} spellcheck={false}>
          {view.typed['keys'] ?? ''}
        </textarea>
      </div>
    </section>
    <section class="card">
      <Way value="secret" view={view} name="A secret" first={false}>
        Where your plan has it. It is shown once, and whoever reads it can use it: prefer the other ways.
      </Way>
    </section>
  </fieldset>
)

interface WayProps extends Shown {
  readonly value: string
  readonly name: string
  readonly first: boolean
  readonly children: string
}

const Way = ({ value, view, name, first, children }: WayProps): JSX.Element => (
  <label class="choice">
    <input
      type="radio"
      name="proof"
      value={value}
      required
      checked={view.typed['proof'] === undefined ? first : view.typed['proof'] === value}
    />
    <span>
      <strong>{name}</strong> <span class="soft">{children}</span>
    </span>
  </label>
)

const Workload = ({ view }: Shown): JSX.Element => (
  <section class="card">
    <Way value="workload" view={view} name="Workload identity" first>
      Its platform vouches for it (GitHub Actions and the like): nothing secret is stored anywhere.
    </Way>
    <Select
      id="issuer"
      name="Platform"
      typed={view.typed}
      options={view.issuers.map(({ issuer, name }) => ({ value: issuer, text: `${name} (${issuer})` }))}
    />
    <Select
      id="audience"
      name="Audience that its token is asked for"
      typed={view.typed}
      options={view.audiences.map((value) => ({ value, text: value }))}
    />
    <p class="soft">
      Its token has to say all of this. One rule has to name whose workload it is, such as{' '}
      <code>repository</code>.
    </p>
    {view.ruleRows.map((row) => (
      <Rule row={row} view={view} key={row} />
    ))}
  </section>
)

const Rule = ({ row, view: { typed } }: Shown & { readonly row: number }): JSX.Element => (
  <div class="row rule" role="group" aria-label={`Rule ${row}`}>
    <input
      name={`claim${row}`}
      type="text"
      maxlength={60}
      aria-label="Claim"
      placeholder={row === 1 ? 'repository' : ''}
      value={typed[`claim${row}`] ?? ''}
    />
    <select name={`match${row}`} aria-label="Comparison">
      <option value="exact" selected={typed[`match${row}`] !== 'prefix'}>
        is
      </option>
      <option value="prefix" selected={typed[`match${row}`] === 'prefix'}>
        begins with
      </option>
    </select>
    <input
      name={`value${row}`}
      type="text"
      maxlength={200}
      aria-label="Value"
      placeholder={row === 1 ? 'org/app' : ''}
      value={typed[`value${row}`] ?? ''}
    />
  </div>
)
