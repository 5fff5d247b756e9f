import type { VNode } from 'preact'

/** What a person typed, shown again beside a problem. Never the key. */
export interface Typed {
  readonly label: string
  readonly baseUrl: string
  readonly method: 'apikey' | 'maxauth'
  readonly user: string
}

interface CredentialFieldsProps {
  readonly typed: Typed
  /** After a problem: the key has to be typed again. */
  readonly isAgain: boolean
}

/**
 * How to sign in to Maximo. The stylesheet hides the user name where an API key is chosen; where it cannot, the words
 * still say what belongs to what.
 */
export const CredentialFields = ({ typed, isAgain }: CredentialFieldsProps): VNode => (
  <div class="by-method">
    <fieldset>
      <legend>How to sign in to Maximo</legend>
      <div class="choices">
        <Method value="apikey" typed={typed} name="API key" />
        <Method value="maxauth" typed={typed} name="User name and password" />
      </div>
    </fieldset>
    <div class="field maxauth-only">
      <label for="user">User name</label>
      <input id="user" name="user" type="text" value={typed.user} {...QUIET} maxLength={100} />
    </div>
    <div class="field">
      <label for="key">
        <span class="apikey-only">API key</span>
        <span class="either"> or </span>
        <span class="maxauth-only">Password</span>
      </label>
      {isAgain ? (
        <span id="key-hint" class="hint">
          Type it again: it was not kept.
        </span>
      ) : null}
      <input
        id="key"
        name="key"
        type="password"
        required
        maxLength={400}
        {...QUIET}
        {...(isAgain ? { 'aria-describedby': 'key-hint' } : {})}
      />
    </div>
  </div>
)

const Method = ({ value, typed, name }: { value: Typed['method']; typed: Typed; name: string }): VNode => (
  <label class="choice">
    <input type="radio" name="method" value={value} checked={typed.method === value} required />
    <span>{name}</span>
  </label>
)

interface FieldProps {
  readonly id: 'label' | 'baseUrl'
  readonly label: string
  readonly hint: string
  readonly value: string
  readonly maxLength: number
}

/** A field that must be filled in. `baseUrl` is an address, which the browser checks as one. */
export const Field = ({ id, label, hint, value, maxLength }: FieldProps): VNode => {
  const input = {
    id,
    name: id,
    value,
    maxLength,
    required: true,
    'aria-describedby': `${id}-hint`,
    ...QUIET,
  } as const
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <span id={`${id}-hint`} class="hint">
        {hint}
      </span>
      {id === 'baseUrl' ? <input type="url" {...input} /> : <input type="text" {...input} />}
    </div>
  )
}

/** What is typed here is nobody's to remember or to correct. */
const QUIET = { autocomplete: 'off', spellcheck: false, autocapitalize: 'off' } as const
