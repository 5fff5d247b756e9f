import { Browser } from '../walk/browser.ts'
import { openSignedIn } from '../walk/sign-in.ts'
import { addEnvironment } from '../walk/vault.ts'

export interface SeedPlace {
  readonly portalUrl: string
  /** Base URL of the simulator, e.g. `http://127.0.0.1:8083/maximo`. */
  readonly maximoUrl: string
  /** API keys of the simulator by stand-in account (e-mail address). */
  readonly apiKeys: ReadonlyMap<string, string>
}

const LABEL = 'demo'

/**
 * Gives every stand-in account its environment on the simulator, once: over HTTP and through the vault, as its owner
 * would. What is there already is left alone, so a restart changes nothing.
 */
export async function seedAccounts(place: SeedPlace): Promise<void> {
  for (const [email, apiKey] of place.apiKeys) {
    const browser = new Browser()
    const list = await openSignedIn(browser, `${place.portalUrl}/environments`, email)
    if (list.html.querySelectorAll('[data-environment]').length > 0) continue
    await addEnvironment(browser, {
      portalUrl: place.portalUrl,
      email,
      label: LABEL,
      baseUrl: place.maximoUrl,
      apiKey,
    })
  }
}
