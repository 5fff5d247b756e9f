import type { ComponentChildren, JSX } from 'preact'
import { renderToString } from 'preact-render-to-string'
import { ICON_PATH, STYLESHEET_PATH } from './stylesheet.ts'

export interface PageProps {
  readonly title: string
  /** Who is signed in, as shown; absent on pages that do not know. */
  readonly account?: string | undefined
  readonly current?: 'home' | 'environments' | 'connections'
  /** Address that the browser goes to by itself. */
  readonly goTo?: string
  readonly correlationId?: string | undefined
  readonly children: ComponentChildren
}

const SECTIONS = [
  { id: 'home', href: '/', name: 'Start' },
  { id: 'environments', href: '/environments', name: 'Environments' },
  { id: 'connections', href: '/connections', name: 'Connections' },
] as const

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
          Your Maximo credentials are typed and kept at the MCP server; this portal cannot read them.
          {props.correlationId === undefined ? null : (
            <>
              {' '}
              Reference: <code>{props.correlationId}</code>
            </>
          )}
        </footer>
      </body>
    </html>
  )
}

function SignedInAs({ account }: { readonly account: string }): JSX.Element {
  return (
    <div class="account">
      <span>{account}</span>
      <form method="post" action="/sign-out">
        <button class="small" type="submit">
          Sign out
        </button>
      </form>
    </div>
  )
}

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
