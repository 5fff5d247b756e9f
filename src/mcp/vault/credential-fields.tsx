import type { VNode } from 'preact'
import type { CredentialMethod } from '../../maximo/credentials/credential.ts'

/** What a person typed, shown again beside a problem. Never a secret. */
export interface Typed {
  readonly label: string
  readonly baseUrl: string
  readonly method: CredentialMethod
  readonly user: string
  readonly tokenUrl: string
  readonly clientId: string
  readonly scope: string
  readonly certificate: string
}

/** A client certificate of the operator that this person may choose. */
export interface OfferedCertificate {
  readonly thumbprint: string
  readonly name: string
  readonly host: string
}

interface CredentialFieldsProps {
  readonly typed: Typed
  readonly certificates: readonly OfferedCertificate[]
  /** After a problem: the key has to be typed again. */
  readonly isAgain: boolean
}

/**
 * How to sign in to Maximo. The stylesheet hides what does not belong to the chosen method; where it cannot, the words
 * still say what belongs to what.
 */
export const CredentialFields = ({ typed, certificates, isAgain }: CredentialFieldsProps): VNode => (
  <div class="by-method">
    <fieldset>
      <legend>How to sign in to Maximo</legend>
      <div class="choices">
        <Method value="apikey" typed={typed} name="API key" />
        <Method value="maxauth" typed={typed} name="User name and password" />
        <Method value="basic" typed={typed} name="LDAP user and password" />
        <Method value="oauth" typed={typed} name="OAuth client of your identity provider" />
        <Method value="oidc" typed={typed} name="Refresh token of your identity provider" />
        {certificates.length === 0 ? null : (
          <Method value="certificate" typed={typed} name="Client certificate alone" />
        )}
      </div>
    </fieldset>
    <Text id="user" name="User name" methods="maxauth basic" value={typed.user} maxLength={100} />
    <Client typed={typed} />
    <Key isAgain={isAgain} />
    {certificates.length === 0 ? null : <Certificate typed={typed} certificates={certificates} />}
  </div>
)

/** What obtains a bearer from the identity provider. */
const Client = ({ typed }: Pick<CredentialFieldsProps, 'typed'>): VNode => (
  <>
    <Text
      id="tokenUrl"
      name="Token endpoint"
      hint="For example: https://login.example.com/realms/plant/protocol/openid-connect/token"
      methods="oauth oidc"
      value={typed.tokenUrl}
      maxLength={255}
    />
    <Text id="clientId" name="Client id" methods="oauth oidc" value={typed.clientId} maxLength={120} />
    <Text
      id="scope"
      name="Scope"
      hint="If your identity provider asks for one."
      methods="oauth oidc"
      value={typed.scope}
      maxLength={120}
    />
    <div class="field" data-for="oidc">
      <label for="clientSecret">Client secret</label>
      <span id="clientSecret-hint" class="hint">
        Empty for a public client.
      </span>
      <input
        id="clientSecret"
        name="clientSecret"
        type="password"
        maxLength={200}
        aria-describedby="clientSecret-hint"
        {...QUIET}
      />
    </div>
  </>
)

/** One field for the secret of every method: what is typed in a hidden one would be sent all the same. */
const Key = ({ isAgain }: Pick<CredentialFieldsProps, 'isAgain'>): VNode => (
  <div class="field" data-for="apikey maxauth basic oauth oidc">
    <label for="key">
      <span data-for="apikey">API key</span>
      <span class="either">, </span>
      <span data-for="maxauth basic">Password</span>
      <span class="either">, </span>
      <span data-for="oauth">Client secret</span>
      <span class="either"> or </span>
      <span data-for="oidc">Refresh token</span>
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
      maxLength={450}
      {...QUIET}
      {...(isAgain ? { 'aria-describedby': 'key-hint' } : {})}
    />
  </div>
)

const Certificate = ({ typed, certificates }: Omit<CredentialFieldsProps, 'isAgain'>): VNode => (
  <div class="field">
    <label for="certificate">Client certificate</label>
    <span id="certificate-hint" class="hint">
      Your operator offers these. Each is shown to its own host alone.
    </span>
    <select id="certificate" name="certificate" aria-describedby="certificate-hint">
      <option value="" selected={typed.certificate === ''}>
        None
      </option>
      {certificates.map(({ thumbprint, name, host }) => (
        <option value={thumbprint} selected={typed.certificate === thumbprint} key={thumbprint}>
          {`${name} (${host})`}
        </option>
      ))}
    </select>
  </div>
)

const Method = ({ value, typed, name }: { value: CredentialMethod; typed: Typed; name: string }): VNode => (
  <label class="choice">
    <input type="radio" name="method" value={value} checked={typed.method === value} required />
    <span>{name}</span>
  </label>
)

interface TextProps {
  readonly id: 'user' | 'tokenUrl' | 'clientId' | 'scope'
  readonly name: string
  readonly hint?: string
  /** Those it belongs to, separated by spaces. */
  readonly methods: string
  readonly value: string
  readonly maxLength: number
}

const Text = ({ id, name, hint, methods, value, maxLength }: TextProps): VNode => (
  <div class="field" data-for={methods}>
    <label for={id}>{name}</label>
    {hint === undefined ? null : (
      <span id={`${id}-hint`} class="hint">
        {hint}
      </span>
    )}
    <input
      type="text"
      {...{ id, name: id, value, maxLength, ...QUIET }}
      {...(hint === undefined ? {} : { 'aria-describedby': `${id}-hint` })}
    />
  </div>
)

/** Decides after how many days the key should be replaced. */
export const EnvironmentClassField = (): VNode => (
  <div class="field">
    <label for="cls">What the environment is for</label>
    <select id="cls" name="cls">
      <option value="production" selected>
        Production
      </option>
      <option value="test">Test</option>
    </select>
  </div>
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
