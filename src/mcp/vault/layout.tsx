import type { ComponentChildren, VNode } from 'preact'
import { visible } from '../tools/result/visible.ts'
import { VAULT_PATHS } from './forms.ts'
import type { ShownEnvironment } from './session.ts'

/** What every page of a visit shows: whose it is, and the way back. */
export interface Frame {
  readonly account: string
  readonly portalUrl: string
}

interface LayoutProps {
  readonly title: string
  readonly frame: Frame
  /** What was wrong with the form; the window's title says that something was. */
  readonly problem?: string | null
  /** Something was done: the way back is a button with these words. */
  readonly finish?: string
  /** Page of the portal that the visit came from. */
  readonly from?: 'environments' | 'connections' | 'changes'
  readonly children: ComponentChildren
}

/** The frame of every page of the vault; its dark bar tells it from the portal. */
export const Layout = ({
  title,
  frame,
  problem = null,
  finish,
  from = 'environments',
  children,
}: LayoutProps): VNode => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>{`${problem === null ? '' : 'Problem: '}${title} – Maximo vault`}</title>
      <link rel="stylesheet" href={VAULT_PATHS.style} />
      <link rel="icon" href={VAULT_PATHS.icon} type="image/svg+xml" />
    </head>
    <body>
      <header class="vault">
        <div class="bar">
          <span class="brand">
            <Padlock />
            Maximo vault
          </span>
          {frame.account === '' ? null : <span class="who">{`Signed in as ${visible(frame.account)}`}</span>}
        </div>
      </header>
      <main>
        <h1>{title}</h1>
        {problem === null ? null : (
          <div role="alert" class="note bad">
            <p>{problem}</p>
          </div>
        )}
        {children}
        <p>
          <a class={finish === undefined ? 'back' : 'button primary'} href={`${frame.portalUrl}/${from}`}>
            {finish ?? 'Back to the portal'}
          </a>
        </p>
      </main>
      <footer class="foot">
        <p>The vault belongs to the MCP server. It is the only place where a Maximo key is typed.</p>
      </footer>
    </body>
  </html>
)

/** Decoration: the name stands beside it. */
const Padlock = (): VNode => (
  <svg viewBox="0 0 32 32" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="3">
    <rect x="6" y="14" width="20" height="14" rx="3" />
    <path d="M10 14v-3a6 6 0 0 1 12 0v3" />
  </svg>
)

export const Environment = ({ environment }: { readonly environment: ShownEnvironment }): VNode => (
  <div class="card">
    <dl>
      <dt>Environment</dt>
      <dd>
        <bdi>{visible(environment.label)}</bdi>
      </dd>
      <dt>Host</dt>
      <dd>{environment.host}</dd>
    </dl>
  </div>
)

/** A form of a visit: nothing but its token and one button. */
export const ButtonForm = ({ action, form, look, name }: ButtonFormProps): VNode => (
  <form method="post" action={action}>
    <input type="hidden" name="form" value={form} />
    <button type="submit" class={look}>
      {name}
    </button>
  </form>
)
interface ButtonFormProps {
  readonly action: string
  readonly form: string
  readonly look: '' | 'primary' | 'danger primary'
  readonly name: string
}
