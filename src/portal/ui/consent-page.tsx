import type { JSX } from 'preact'
import type { Voucher } from '../clients/voucher.ts'
import { Hidden, Page, renderPage } from './page.tsx'

export interface Consent {
  readonly account: string
  /** As the client calls itself: cleaned, but a claim. */
  readonly clientName: string
  /** Where the code will go: host with port, or scheme and host of a program. */
  readonly redirectTo: string
  /** The code goes to a program on the person's machine, which proves no name. */
  readonly isLocal: boolean
  /** Who says that it is what it calls itself. */
  readonly voucher: Voucher
  readonly resource: string
  readonly scopes: readonly string[]
  /** It gets a refresh token. */
  readonly staysConnected: boolean
  readonly environments: readonly { readonly env: string; readonly label: string; readonly host: string }[]
  /** The address named an environment that is not in the account. */
  readonly isForeignEnvironment: boolean
  /** Page to come back to after an environment was added. */
  readonly returnPath: string
  readonly hidden: Readonly<Record<string, string>>
}

/** The consent page (RFC 6749 §10.2). It is shown every time; nothing was ever agreed to in advance. */
export function consentPage(consent: Consent): string {
  return renderPage(
    <Page title="Allow access?" account={consent.account}>
      <h1>Allow access to your Maximo?</h1>
      <div class="card">
        <p class="soft">Access goes to</p>
        <p class="host" id="redirect-host">
          {consent.redirectTo}
        </p>
        <p>
          {consent.isLocal ? 'This is a program on this computer that' : 'This is a website that'} calls
          itself “<bdi>{consent.clientName}</bdi>”.
        </p>
      </div>
      <Vouched {...consent} />
      {consent.environments.length === 0 ? <NoEnvironment {...consent} /> : <Decision {...consent} />}
    </Page>,
  )
}

/** Who vouches, and what that is worth: a host's word says nothing about which program on this computer receives the code. */
function Vouched({ voucher, isLocal }: Consent): JSX.Element {
  const isGood = voucher !== null && (voucher.by === 'operator' || voucher.isVerified)
  return (
    <div class={isGood && !isLocal ? 'note' : 'note warn'} id="voucher">
      <p>
        <strong>{isGood ? 'Verified client.' : 'Unverified client.'}</strong> {vouching(voucher)}
        {isGood && isLocal ? ' But any program on this computer can pretend to be it.' : ''}
        {isGood && !isLocal ? '' : ' Allow only if you started this connection yourself, just now.'}
      </p>
    </div>
  )
}

function vouching(voucher: Voucher): JSX.Element {
  if (voucher === null) return <>Any program can choose this name, and nobody can vouch for it.</>
  if (voucher.by === 'operator') return <>The operator of this portal registered it under this name.</>
  const host = <strong>{voucher.host}</strong>
  return voucher.isVerified ? (
    <>{host} describes it so.</>
  ) : (
    <>{host} describes it so, and nobody here knows who that is.</>
  )
}

function Decision(consent: Consent): JSX.Element {
  return (
    <form method="post" action="/oauth/decision">
      <Hidden fields={consent.hidden} />
      <fieldset>
        <legend>Which Maximo environment?</legend>
        <div class="choices">
          {consent.environments.map(({ env, label, host }, index) => (
            <label class="choice" key={env}>
              <input type="radio" name="env" value={env} checked={index === 0} required />
              <span>
                <strong>
                  <bdi>{label}</bdi>
                </strong>{' '}
                <span class="soft">{host}</span>
              </span>
            </label>
          ))}
        </div>
      </fieldset>
      <Terms {...consent} />
      <div class="row decide">
        <button class="primary" type="submit" id="approve" name="decision" value="approve">
          Allow
        </button>
        <button type="submit" id="deny" name="decision" value="deny" formnovalidate>
          Do not allow
        </button>
      </div>
    </form>
  )
}

function NoEnvironment(consent: Consent): JSX.Element {
  const link = `/environments?next=${encodeURIComponent(consent.returnPath)}`
  return (
    <form method="post" action="/oauth/decision">
      <Hidden fields={consent.hidden} />
      <div class="card">
        <p>
          {consent.isForeignEnvironment
            ? 'The address in your client names an environment that is not in your account.'
            : 'You have no Maximo environment yet, so there is nothing to give access to.'}{' '}
          This request stays open for ten minutes.
        </p>
        <p>
          <a class="button primary" href={link}>
            {consent.isForeignEnvironment ? 'See your environments' : 'Add an environment'}
          </a>
        </p>
      </div>
      <button type="submit" id="deny" name="decision" value="deny">
        Do not allow
      </button>
    </form>
  )
}

function Terms(consent: Consent): JSX.Element {
  return (
    <div class="card">
      <h2>It will be able to</h2>
      <ul class="ticks">
        {consent.scopes.map((words) => (
          <li key={words}>{words}</li>
        ))}
        <li>
          {consent.staysConnected
            ? 'Stay connected for up to 180 days, until you end it under Connections'
            : 'Do so for one hour; then it has to ask again'}
        </li>
      </ul>
      <dl>
        <dt>Account</dt>
        <dd>{consent.account}</dd>
        <dt>MCP server</dt>
        <dd>
          <code>{consent.resource}</code>
        </dd>
      </dl>
    </div>
  )
}

export interface Leaving {
  readonly isApproved: boolean
  readonly redirectTo: string
  readonly address: string
}

/**
 * The answer to the consent form: a page that goes on by itself and shows the same address as a link. Not a redirect,
 * because Chromium applies `form-action` to the whole chain of redirects after a form.
 */
export function leavingPage(leaving: Leaving): string {
  return renderPage(
    <Page title={leaving.isApproved ? 'Access allowed' : 'Access not allowed'} goTo={leaving.address}>
      <h1>{leaving.isApproved ? 'Access allowed' : 'Access not allowed'}</h1>
      <div class="card">
        <p>
          {leaving.isApproved ? 'Your client can finish connecting.' : 'Nothing was granted.'} You are going
          back to
        </p>
        <p class="host">{leaving.redirectTo}</p>
        <p>
          <a class="button primary" id="continue" href={leaving.address}>
            Continue
          </a>
        </p>
      </div>
      <p class="fine">If nothing happens, use the button. Afterwards you can close this window.</p>
    </Page>,
  )
}
