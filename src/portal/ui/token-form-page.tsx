import type { JSX } from 'preact'
import {
  type Access,
  ACCESSES,
  MAX_OWN_RULES,
  MAX_RANGES,
  PRESETS,
  PROFILES,
  RISKS,
} from '../../crypto/restrictions.ts'
import { ACCESS_WORDS, PRESET_WORDS, PROFILE_WORDS, RISK_WORDS } from '../tokens/words.ts'
import { Choice, Select } from './form-parts.tsx'
import { Hidden, Page, renderPage } from './page.tsx'

export interface TokenForm {
  readonly account: string
  readonly environments: readonly { readonly env: string; readonly label: string; readonly host: string }[]
  readonly scopes: readonly { readonly field: string; readonly scope: string; readonly means: string }[]
  readonly livesDays: readonly number[]
  /** What was typed or is proposed, by field. */
  readonly values: ReadonlyMap<string, string>
  readonly problems: ReadonlyMap<string, string>
  readonly hidden: Readonly<Record<string, string>>
  /** The form is the answer to a program on this computer, which gets the token. */
  readonly forProgram: { readonly redirectTo: string; readonly deny: Readonly<Record<string, string>> } | null
}

/** The form behind every automation token. It needs no script: rows that are not used stay empty. */
export function tokenFormPage(form: TokenForm): string {
  return renderPage(
    <Page title="New automation token" account={form.account} current="tokens">
      <h1>New automation token</h1>
      <p class="lead">
        For a pipeline or a program that runs without you. It reaches one environment, with no more than you
        choose here, and ends when you say so.
      </p>
      {form.forProgram === null ? null : <ForProgram redirectTo={form.forProgram.redirectTo} />}
      {form.problems.size === 0 ? null : <Summary problems={form.problems} />}
      {form.environments.length === 0 ? <NoEnvironment /> : <Fields {...form} />}
      {form.forProgram === null ? null : (
        <form method="post" action="/oauth/decision">
          <Hidden fields={form.forProgram.deny} />
          <button type="submit" id="deny" name="decision" value="deny">
            Do not make one
          </button>
        </form>
      )}
    </Page>,
  )
}

const ForProgram = ({ redirectTo }: { readonly redirectTo: string }): JSX.Element => (
  <div class="note warn">
    <p>
      <strong>The token goes to a program on this computer</strong>, at {redirectTo}: the command{' '}
      <code>maximo-mcp token create</code>. Go on only if you started it yourself, just now.
    </p>
  </div>
)

const Summary = ({ problems }: { readonly problems: TokenForm['problems'] }): JSX.Element => (
  <div class="note bad" role="alert">
    <p>{problems.get('form') ?? 'No token was made. Please look at what is marked below.'}</p>
  </div>
)

const NoEnvironment = (): JSX.Element => (
  <div class="card">
    <p>You have no Maximo environment yet, so there is nothing that a token could reach.</p>
    <p>
      <a class="button primary" href="/environments">
        Add an environment
      </a>
    </p>
  </div>
)

function Fields(form: TokenForm): JSX.Element {
  return (
    <form method="post" action="/tokens/new">
      <Hidden fields={form.hidden} />
      <div class="card">
        <div class="field">
          <label for="name">
            Name<span class="hint">What it is for, e.g. “nightly work order report”</span>
          </label>
          <input
            type="text"
            id="name"
            name="name"
            maxlength={60}
            required
            autocomplete="off"
            value={form.values.get('name') ?? ''}
            {...invalid('name', form)}
          />
          <Problem field="name" form={form} />
        </div>
        <Environment {...form} />
        <Scopes {...form} />
      </div>
      <Objects {...form} />
      <Limits {...form} />
      <button class="primary" type="submit" id="create">
        Create the token
      </button>
    </form>
  )
}

const Problem = ({
  field,
  form,
}: {
  readonly field: string
  readonly form: TokenForm
}): JSX.Element | null => {
  const problem = form.problems.get(field)
  return problem === undefined ? null : (
    <p class="wrong" id={`${field}-problem`}>
      {problem}
    </p>
  )
}

const invalid = (field: string, { problems }: TokenForm): object =>
  problems.has(field) ? { 'aria-invalid': 'true', 'aria-describedby': `${field}-problem` } : {}

const Environment = (form: TokenForm): JSX.Element => (
  <fieldset {...invalid('env', form)}>
    <legend>Maximo environment</legend>
    <div class="choices">
      {form.environments.map(({ env, label, host }, index) => (
        <Choice
          type="radio"
          name="env"
          value={env}
          checked={(form.values.get('env') ?? (index === 0 ? env : '')) === env}
          key={env}
        >
          <strong>
            <bdi>{label}</bdi>
          </strong>{' '}
          <span class="soft">{host}</span>
        </Choice>
      ))}
    </div>
    <Problem field="env" form={form} />
  </fieldset>
)

const Scopes = (form: TokenForm): JSX.Element => (
  <fieldset {...invalid('scope', form)}>
    <legend>Scopes</legend>
    <div class="choices">
      {form.scopes.map(({ field, scope, means }) => (
        <Choice type="checkbox" name={field} value="1" checked={form.values.has(field)} key={scope}>
          <code>{scope}</code> <span class="soft">{means}</span>
        </Choice>
      ))}
    </div>
    <Problem field="scope" form={form} />
  </fieldset>
)

function Objects(form: TokenForm): JSX.Element {
  const chosen = form.values.get('objects') ?? 'all'
  return (
    <fieldset class="card" {...invalid('objects', form)}>
      <legend class="within">Objects</legend>
      <div class="choices">
        <Choice type="radio" name="objects" value="all" checked={chosen === 'all'}>
          Everything <span class="soft">Whatever the scopes and your Maximo user allow</span>
        </Choice>
        {PRESETS.map((preset) => (
          <Choice type="radio" name="objects" value={preset} checked={chosen === preset} key={preset}>
            <code>{preset}</code> <span class="soft">{PRESET_WORDS[preset]}</span>
          </Choice>
        ))}
        <Choice type="radio" name="objects" value="own" checked={chosen === 'own'}>
          Only these <span class="soft">Up to {MAX_OWN_RULES} object structures, named below</span>
        </Choice>
      </div>
      <Problem field="objects" form={form} />
      <details open={chosen === 'own'}>
        <summary>Name the object structures</summary>
        {Array.from({ length: MAX_OWN_RULES }, (_one, index) => (
          <OwnRule row={index + 1} values={form.values} key={index} />
        ))}
      </details>
    </fieldset>
  )
}

const OwnRule = ({
  row,
  values,
}: {
  readonly row: number
  readonly values: TokenForm['values']
}): JSX.Element => (
  <div class="pair">
    <input
      type="text"
      name={`object${row}`}
      aria-label={`Object structure ${row}`}
      placeholder={row === 1 ? 'MXAPIASSET' : ''}
      maxlength={60}
      autocomplete="off"
      value={values.get(`object${row}`) ?? ''}
    />
    <Select
      name={`access${row}`}
      label={`What may be done with object structure ${row}`}
      options={ACCESSES.map((access: Access) => [access, ACCESS_WORDS[access]] as const)}
      chosen={values.get(`access${row}`) ?? 'r'}
    />
  </div>
)

function Limits(form: TokenForm): JSX.Element {
  const { values } = form
  const lives = form.livesDays.map((days) => [String(days), `After ${days} days`] as const)
  return (
    <div class="card">
      <fieldset {...invalid('rsk', form)}>
        <legend>Highest risk of a change that nobody is asked about</legend>
        <div class="choices">
          {RISKS.map((risk) => (
            <Choice
              type="radio"
              name="rsk"
              value={risk}
              checked={(values.get('rsk') ?? 'low') === risk}
              key={risk}
            >
              <strong>{RISK_WORDS[risk].name}</strong> <span class="soft">{RISK_WORDS[risk].means}</span>
            </Choice>
          ))}
        </div>
        <Problem field="rsk" form={form} />
      </fieldset>
      <div class="pair">
        <div class="field">
          <label for="prf">Rate profile</label>
          <Select
            name="prf"
            options={PROFILES.map((profile) => [profile, PROFILE_WORDS[profile]] as const)}
            chosen={values.get('prf') ?? 'sync'}
          />
          <Problem field="prf" form={form} />
        </div>
        <div class="field">
          <label for="life">Ends</label>
          <Select
            name="life"
            options={[['none', 'Only when I end it'], ...lives]}
            chosen={values.get('life') ?? 'none'}
          />
          <Problem field="life" form={form} />
        </div>
      </div>
      <Networks {...form} />
    </div>
  )
}

const Networks = (form: TokenForm): JSX.Element => (
  <fieldset {...invalid('net', form)}>
    <legend>
      Networks
      <span class="hint">
        Where it may be used from, e.g. 203.0.113.0/24 or 2001:db8::/32. Leave all empty for anywhere.
      </span>
    </legend>
    <div class="pairs">
      {Array.from({ length: MAX_RANGES }, (_one, index) => (
        <input
          type="text"
          name={`net${index + 1}`}
          aria-label={`Network ${index + 1}`}
          maxlength={49}
          autocomplete="off"
          value={form.values.get(`net${index + 1}`) ?? ''}
          key={index}
        />
      ))}
    </div>
    <Problem field="net" form={form} />
  </fieldset>
)
