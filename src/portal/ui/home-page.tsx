import type { JSX } from 'preact'
import { Page, renderPage } from './page.tsx'

export interface Home {
  readonly account: string | undefined
  readonly environments: number
  readonly connections: number
  /** Address of the MCP server, e.g. `https://mcp.example.com/mcp`. */
  readonly mcpAddress: string
}

export function homePage(home: Home): string {
  const isSignedIn = home.account !== undefined
  return renderPage(
    <Page title="Start" account={home.account} current="home">
      <h1>Connect Claude, or any MCP client, to your Maximo</h1>
      <ol class="steps cards">
        <li class="card">
          <h2>Sign in</h2>
          {isSignedIn ? (
            <p>You are signed in as {home.account}.</p>
          ) : (
            <p>
              <a class="button primary" href="/sign-in">
                Sign in
              </a>
            </p>
          )}
        </li>
        <li class="card">
          <h2>Add a Maximo environment</h2>
          <p>
            You type the key of your Maximo user on the MCP server’s own page. This portal never sees it.
            {isSignedIn ? ` You have ${count(home.environments, 'environment')}.` : ''}
          </p>
          <p>
            <a href="/environments">Environments</a>
          </p>
        </li>
        <li class="card">
          <h2>Connect your client</h2>
          <p>Give your client this address; it will send you here to choose an environment and to agree.</p>
          <McpAddress address={home.mcpAddress} />
          <p>
            <a href="/connections">Connections</a>
            {isSignedIn ? `: ${count(home.connections, 'live connection')}` : ''}
          </p>
        </li>
      </ol>
    </Page>,
  )
}

function McpAddress({ address }: { readonly address: string }): JSX.Element {
  return (
    <>
      <pre tabIndex={0}>{address}</pre>
      <p class="soft">In Claude Code:</p>
      <pre tabIndex={0}>{`claude mcp add --transport http maximo ${address}`}</pre>
    </>
  )
}

const count = (number: number, what: string): string =>
  number === 0 ? `no ${what} yet` : `${number} ${what}${number === 1 ? '' : 's'}`
