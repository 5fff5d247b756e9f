import type { VNode } from 'preact'
import {
  CredentialFields,
  EnvironmentClassField,
  Field,
  type OfferedCertificate,
  type Typed,
} from './credential-fields.tsx'
import { VAULT_PATHS } from './forms.ts'
import { ButtonForm, Environment, type Frame, Layout } from './layout.tsx'
import type { ShownEnvironment } from './session.ts'

interface FormPage {
  readonly frame: Frame
  /** Token of the form to `save`. */
  readonly form: string
  readonly typed: Typed
  readonly certificates: readonly OfferedCertificate[]
  readonly problem: string | null
}

export const AddPage = ({ frame, form, typed, certificates, problem }: FormPage): VNode => (
  <Layout title="Add a Maximo environment" frame={frame} problem={problem}>
    <p class="lead">
      What you type here is tested against Maximo, encrypted, and never shown again: not to the portal, not to
      an administrator, not to you.
    </p>
    <form class="card" method="post" action={VAULT_PATHS.save}>
      <input type="hidden" name="form" value={form} />
      <Field
        id="label"
        label="Name of the environment"
        hint="Yours to choose, for example: Production"
        value={typed.label}
        maxLength={60}
      />
      <Field
        id="baseUrl"
        label="Address of Maximo"
        hint="For example: https://maximo.example.com/maximo"
        value={typed.baseUrl}
        maxLength={255}
      />
      <EnvironmentClassField />
      <CredentialFields typed={typed} certificates={certificates} isAgain={problem !== null} />
      <button type="submit" class="primary">
        Test and save
      </button>
    </form>
  </Layout>
)

interface ReplacePageProps extends FormPage {
  readonly environment: ShownEnvironment
  /** Tokens of the two forms that settle an earlier replacement; null when there is none. */
  readonly settle: SettleForms | null
  /** Age and warnings of the key in use, in sentences. */
  readonly about: readonly string[]
}
export interface SettleForms {
  readonly confirm: string
  readonly back: string
}

export const ReplacePage = ({
  frame,
  form,
  typed,
  certificates,
  problem,
  environment,
  settle,
  about,
}: ReplacePageProps): VNode => (
  <Layout title="Replace the key of an environment" frame={frame} problem={problem}>
    <p class="lead">
      The new key serves every connection from the moment its test has passed. Nothing has to be connected
      again, and for 7 days you can go back.
    </p>
    <Environment environment={environment} />
    <About sentences={about} />
    {settle === null ? null : (
      <Settle forms={settle} look="" text="The last replacement is in use and not confirmed yet." />
    )}
    <form class="card" method="post" action={VAULT_PATHS.save}>
      <input type="hidden" name="form" value={form} />
      <CredentialFields typed={typed} certificates={certificates} isAgain={problem !== null} />
      <button type="submit" class="primary">
        Test and replace
      </button>
    </form>
  </Layout>
)

interface SavedPageProps {
  readonly frame: Frame
  readonly environment: ShownEnvironment
  readonly settle: SettleForms | null
  readonly about: readonly string[]
}

/** The portal fetches what was made when its owner comes back to it, so that step is said to be one. */
export const SavedPage = ({ frame, environment, settle, about }: SavedPageProps): VNode => (
  <Layout
    title="The connection works"
    frame={frame}
    {...(settle === null ? { finish: 'Finish in the portal' } : {})}
  >
    <div role="status" class="note good">
      <p>Maximo accepted the key. It is encrypted and saved.</p>
    </div>
    <Environment environment={environment} />
    <About sentences={about} />
    {settle === null ? (
      <p>One step is left: go back to the portal, which adds the environment to your account.</p>
    ) : (
      <Settle forms={settle} look="primary" text="The new key is in use for every connection now." />
    )}
  </Layout>
)

/** What this server knows of the key in use. */
const About = ({ sentences }: { readonly sentences: readonly string[] }): VNode | null =>
  sentences.length === 0 ? null : (
    <div class="note">
      {sentences.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
    </div>
  )

interface RemovePageProps {
  readonly frame: Frame
  readonly form: string
  readonly environment: ShownEnvironment
}

export const RemovePage = ({ frame, form, environment }: RemovePageProps): VNode => (
  <Layout title="Remove an environment" frame={frame}>
    <Environment environment={environment} />
    <div class="note warn">
      <p>
        Its key is forgotten, and every connection and token that reaches it ends at once. This cannot be
        undone.
      </p>
    </div>
    <ButtonForm
      action={VAULT_PATHS.remove}
      form={form}
      look="danger primary"
      name="Remove this environment"
    />
  </Layout>
)

/** The end of an act: one sentence. */
export const DonePage = ({
  frame,
  title,
  text,
  from = 'environments',
}: {
  readonly frame: Frame
  readonly title: string
  readonly text: string
  readonly from?: 'environments' | 'changes'
}): VNode => (
  <Layout title={title} frame={frame} finish="Back to the portal" from={from}>
    <div role="status" class="note good">
      <p>{text}</p>
    </div>
  </Layout>
)

/** Without a visit nothing is known but the way to the portal. */
export const RefusalPage = ({ text, portalUrl }: { text: string; portalUrl: string }): VNode => (
  <Layout title="This did not work" frame={{ account: '', portalUrl }} finish="Back to the portal">
    <div role="alert" class="card">
      <p>{text}</p>
    </div>
  </Layout>
)

interface SettleProps {
  readonly forms: SettleForms
  /** Of the button that confirms: `primary` where nothing else is asked for. */
  readonly look: '' | 'primary'
  readonly text: string
}

const Settle = ({ forms, look, text }: SettleProps): VNode => (
  <section class="note warn" aria-label="New key">
    <p>
      {text} Confirm it and the former key is forgotten, or go back to the former key. After 7 days it is
      forgotten.
    </p>
    <div class="row">
      <ButtonForm action={VAULT_PATHS.confirm} form={forms.confirm} look={look} name="Confirm the new key" />
      <ButtonForm action={VAULT_PATHS.back} form={forms.back} look="" name="Go back to the former key" />
    </div>
  </section>
)
