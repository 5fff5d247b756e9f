import type { ComponentChildren, JSX } from 'preact'
import { Notices, type NoticesView } from './notices.tsx'
import { Page, renderPage } from './page.tsx'

export interface Home {
  readonly account: string | undefined
  /** Null for a stranger. */
  readonly notices: NoticesView | null
  readonly environments: number
  readonly connections: number
  /** Address of the MCP server, e.g. `https://mcp.example.com/mcp`. */
  readonly mcpAddress: string
}

export function homePage(home: Home): string {
  const done = [home.account !== undefined, home.environments > 0, home.connections > 0]
  const now = done.indexOf(false)
  const progress = (step: number): Progress =>
    done[step] === true ? 'done' : step === now ? 'now' : undefined
  return renderPage(
    <Page title="Start" account={home.account} current="home">
      <h1>Connect Claude, or any MCP client, to your Maximo</h1>
      <p class="lead">
        Three steps. Only the MCP server can read your Maximo key, and you can end every connection.
      </p>
      {home.notices === null ? null : <Notices {...home.notices} />}
      <ol class="steps cards">
        <Step name="Sign in" progress={progress(0)}>
          <SignIn account={home.account} />
        </Step>
        <Step name="Add a Maximo environment" progress={progress(1)}>
          <Environments {...home} />
        </Step>
        <Step name="Connect your client" progress={progress(2)}>
          <Connections {...home} />
        </Step>
      </ol>
    </Page>,
  )
}

type Progress = 'done' | 'now' | undefined

interface StepProps {
  readonly name: string
  readonly progress: Progress
  readonly children: ComponentChildren
}

/** The number or tick before it is decoration: the words say how far the person is. */
const Step = ({ name, progress, children }: StepProps): JSX.Element => (
  <li class={progress === undefined ? 'card' : `card ${progress}`}>
    <h2>{name}</h2>
    {children}
  </li>
)

const SignIn = ({ account }: { readonly account: string | undefined }): JSX.Element =>
  account === undefined ? (
    <p>
      <a class="button primary" href="/sign-in">
        Sign in
      </a>
    </p>
  ) : (
    <p>
      You are signed in as <bdi>{account}</bdi>.
    </p>
  )

function Environments({ account, environments }: Home): JSX.Element {
  const isNext = account !== undefined && environments === 0
  return (
    <>
      <p>
        You type the key of your Maximo user on the MCP server’s own page. This portal never sees it.
        {account === undefined ? '' : ` You have ${count(environments, 'environment')}.`}
      </p>
      <p>
        <a class={isNext ? 'button primary' : ''} href="/environments">
          {isNext ? 'Add an environment' : 'Environments'}
        </a>
      </p>
    </>
  )
}

const Connections = ({ account, connections, mcpAddress }: Home): JSX.Element => (
  <>
    <p>Give your client this address. It sends you here to choose an environment and to agree.</p>
    <pre>{mcpAddress}</pre>
    <p>In Claude Code:</p>
    <pre>{`claude mcp add --transport http maximo ${mcpAddress}`}</pre>
    <p>
      <a href="/connections">Connections</a>
      {account === undefined ? '' : `: ${count(connections, 'live connection')}`}
    </p>
  </>
)

const count = (number: number, what: string): string =>
  number === 0 ? `no ${what} yet` : `${number} ${what}${number === 1 ? '' : 's'}`
