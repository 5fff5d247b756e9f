import type { ComponentChildren, JSX } from 'preact'
import { renderToString } from 'preact-render-to-string'
import { ICON_PATH, STYLESHEET_PATH } from './assets.ts'

const SECTIONS = [
  { id: 'home', href: '/', name: 'Start' },
  { id: 'environments', href: '/environments', name: 'Environments' },
  { id: 'connections', href: '/connections', name: 'Connections' },
  { id: 'tokens', href: '/tokens', name: 'Tokens' },
  { id: 'changes', href: '/changes', name: 'Changes' },
  { id: 'usage', href: '/usage', name: 'Usage' },
] as const

export interface PageProps {
  readonly title: string
  /** Who is signed in, as shown; absent on pages that do not know. */
  readonly account?: string | undefined
  readonly current?: (typeof SECTIONS)[number]['id']
  /** Address that the browser goes to by itself. */
  readonly goTo?: string
  readonly children: ComponentChildren
}

/** The frame of every page: it needs no script, and every value in it is escaped by the renderer. */
export function Page(props: PageProps): JSX.Element {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        {props.goTo === undefined ? null : <meta http-equiv="refresh" content={`0; url=${props.goTo}`} />}
        <title>{`${props.title} – Maximo MCP`}</title>
        <link rel="stylesheet" href={STYLESHEET_PATH} />
        <link rel="icon" href={ICON_PATH} type="image/svg+xml" />
      </head>
      <body>
        <a class="skip" href="#content">
          Skip to content
        </a>
        <header>
          <div class="bar">
            <a class="brand" href="/">
              <Shield />
              Maximo MCP
            </a>
            <nav aria-label="Sections">
              <ul>
                {SECTIONS.map(({ id, href, name }) => (
                  <li key={id}>
                    <a href={href} {...(props.current === id ? { 'aria-current': 'page' as const } : {})}>
                      {name}
                    </a>
                  </li>
                ))}
              </ul>
            </nav>
            {props.account === undefined ? null : <SignedInAs account={props.account} />}
          </div>
        </header>
        <main id="content">{props.children}</main>
        <footer class="foot">
          <p>Maximo keys are typed at the MCP server. This portal cannot read them.</p>
        </footer>
      </body>
    </html>
  )
}

function SignedInAs({ account }: { readonly account: string }): JSX.Element {
  return (
    <div class="account">
      <span class="who">{account}</span>
      <form method="post" action="/sign-out">
        <button class="small" type="submit">
          Sign out
        </button>
      </form>
    </div>
  )
}

/** Decoration: the name stands beside it. */
const Shield = (): JSX.Element => (
  <svg viewBox="0 0 32 32" aria-hidden="true">
    <path d="M16 2 4 7v8c0 8 5 13 12 15 7-2 12-7 12-15V7z" fill="#0b57d0" />
    <path d="m16 9 6 3.5v7L16 23l-6-3.5v-7z" fill="none" stroke="#fff" stroke-width="2.5" />
    <circle cx="16" cy="16" r="2.2" fill="#fff" />
  </svg>
)

export const renderPage = (page: JSX.Element): string => `<!doctype html>${renderToString(page)}`

/** Hidden fields of a form, in the given order. */
export function Hidden({ fields }: { readonly fields: Readonly<Record<string, string>> }): JSX.Element {
  return (
    <>
      {Object.entries(fields).map(([name, value]) => (
        <input type="hidden" name={name} value={value} key={name} />
      ))}
    </>
  )
}
