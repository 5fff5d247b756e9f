import type { SessionPages } from '../session/session-pages.ts'
import { messagePage, ToStart } from './message-page.tsx'
import { Hidden, Page, renderPage } from './page.tsx'

/** The pages that stand between a person and a session. */
export const sessionPages: SessionPages = {
  unavailable: () =>
    messagePage({
      status: 503,
      heading: 'Not available at the moment',
      what: 'A service that the portal needs does not answer. You are still signed in, and nothing was changed.',
      next: 'Try again in a moment: reload this page.',
    }),
  signInNeeded: ({ link, why }) =>
    renderPage(
      <Page title="Please sign in">
        <h1>Please sign in</h1>
        <div class="card">
          <p>{WHY[why]}</p>
          <p>
            <a class="button primary" href={link}>
              Sign in
            </a>
          </p>
        </div>
      </Page>,
    ),
  sendAgain: ({ action, fields }) =>
    renderPage(
      <Page title="Please confirm">
        <h1>Please confirm</h1>
        <form class="card" method="post" action={action}>
          <p>This page had been open for a while, so your sign-in was renewed. Nothing was sent yet.</p>
          {fields.map(([name, value], index) => (
            <Hidden fields={{ [name]: value }} key={index} />
          ))}
          <button class="primary" type="submit">
            Continue
          </button>
        </form>
      </Page>,
    ),
  formGone: () =>
    messagePage({
      status: 410,
      heading: 'This form is gone',
      what: 'It was sent already, is older than ten minutes, or belongs to another sign-in.',
      next: <ToStart />,
    }),
  foreignForm: () => foreignFormPage(),
}

const WHY = {
  none: 'This page is for people who are signed in.',
  pending: 'Your sign-in is not complete: there are steps left.',
  refused: 'Your browser’s sign-in is not valid here any more.',
} as const

export const foreignFormPage = (correlationId?: string): string =>
  messagePage({
    status: 403,
    heading: 'This form did not come from here',
    what: 'For your safety, the portal acts only on forms of its own pages, in the browser they were opened in.',
    next: <ToStart />,
    correlationId,
  })
