import type { OAuthDiscoveryState } from '@modelcontextprotocol/client'
import { Browser } from '../../../src/dev/walk/browser.ts'
import { answerConsent, CALLBACK } from '../../../src/dev/walk/connect.ts'
import { PLANNER } from '../stack.ts'

interface ClientInformation {
  client_id: string
  client_secret?: string
}
interface Tokens {
  access_token: string
  token_type: string
  refresh_token?: string
}

/**
 * The `OAuthClientProvider` that both SDKs ask for, with a person behind it: the authorization address is opened in a
 * cookie-jar browser, who signs in and approves.
 */
export class PersonAtBrowser {
  /** Query of the client's callback, once the person has answered. */
  callback = new URLSearchParams()
  readonly redirectUrl = CALLBACK
  readonly #browser = new Browser({ stopAt: CALLBACK })
  #client: ClientInformation | undefined
  #tokens: Tokens | undefined
  #discovery: OAuthDiscoveryState | undefined
  #verifier = ''

  get clientMetadata(): {
    client_name: string
    redirect_uris: string[]
    grant_types: string[]
    response_types: string[]
    token_endpoint_auth_method: string
  } {
    return {
      client_name: 'SDK client',
      redirect_uris: [CALLBACK],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    }
  }

  clientInformation(): ClientInformation | undefined {
    return this.#client
  }

  saveClientInformation(client: ClientInformation): void {
    this.#client = client
  }

  tokens(): Tokens | undefined {
    return this.#tokens
  }

  saveTokens(tokens: Tokens): void {
    this.#tokens = tokens
  }

  discoveryState(): OAuthDiscoveryState | undefined {
    return this.#discovery
  }

  saveDiscoveryState(state: OAuthDiscoveryState): void {
    this.#discovery = state
  }

  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier
  }

  codeVerifier(): string {
    return this.#verifier
  }

  async redirectToAuthorization(url: URL): Promise<void> {
    const answered = await answerConsent(this.#browser, url.href, { email: PLANNER })
    this.callback = new URL(answered.url).searchParams
  }
}
