import type { Simulator } from '../simulator/contract.ts'
import type { Standin } from '../standin/standin.ts'
import { Browser } from '../walk/browser.ts'
import { openSignedIn } from '../walk/sign-in.ts'
import { addEnvironment } from '../walk/vault.ts'

const LABEL = 'demo'

/**
 * Gives every stand-in account its environment on the simulator, once: over HTTP and through the vault, as its owner
 * would. What is there already is left alone, so a restart changes nothing.
 */
export async function seedAccounts(
  portalUrl: string,
  { standin, simulator }: { readonly standin: Standin; readonly simulator: Simulator },
): Promise<void> {
  for (const { email } of standin.accounts) {
    const browser = new Browser()
    const list = await openSignedIn(browser, `${portalUrl}/environments`, email)
    if (list.html.querySelectorAll('[data-environment]').length > 0) continue
    const { apiKey } = simulator.accounts.of(email)
    await addEnvironment(browser, { portalUrl, email, label: LABEL, baseUrl: simulator.baseUrl, apiKey })
  }
}
