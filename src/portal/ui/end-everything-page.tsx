import type { JSX } from 'preact'
import { Hidden, Page, renderPage } from './page.tsx'

export interface EndEverythingView {
  readonly account: string
  /** Connections that this portal knows of. */
  readonly live: number
  readonly formToken: string
}

/** Asked once more, in words that say what is lost and what is not. */
export function endEverythingPage({ account, live, formToken }: EndEverythingView): string {
  return renderPage(
    <Page title="End everything" account={account} current="connections">
      <h1>End everything?</h1>
      <div class="note warn">
        <p>
          Every connection and every token of your account ends with its very next call
          {live === 0 ? '' : `, the ${live === 1 ? 'one' : live} in the list included`}, and also what this
          portal does not know of. This cannot be undone: each client has to be connected again.
        </p>
      </div>
      <p>
        Your environments and their keys stay. To end a key too, remove its environment, or delete it in
        Maximo.
      </p>
      <Buttons formToken={formToken} />
    </Page>,
  )
}

const Buttons = ({ formToken }: { readonly formToken: string }): JSX.Element => (
  <div class="row">
    <form method="post" action="/connections/end-everything">
      <Hidden fields={{ form: formToken }} />
      <button class="danger primary" type="submit">
        End everything
      </button>
    </form>
    <a class="button" href="/connections">
      Keep my connections
    </a>
  </div>
)
