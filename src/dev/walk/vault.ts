import type { Browser, Page } from './browser.ts'
import { formTo, LostOnTheWay } from './forms.ts'
import { openSignedIn } from './sign-in.ts'

export interface EnvironmentEntry {
  readonly portalUrl: string
  readonly email: string
  readonly label: string
  /** Base URL of Maximo, e.g. `http://127.0.0.1:8083/maximo`. */
  readonly baseUrl: string
  readonly apiKey: string
}

/** Adds an environment as its owner does: portal, vault, connection test, back to the portal. */
export async function addEnvironment(browser: Browser, entry: EnvironmentEntry): Promise<Page> {
  const list = await openSignedIn(browser, `${entry.portalUrl}/environments`, entry.email)
  const door = await browser.submit(list, formTo(list, '/environments/open', { purpose: 'add' }))
  const vault = await browser.submit(door, formTo(door, '/vault'))
  const saved = await browser.submit(vault, formTo(vault, '/vault/save'), {
    label: entry.label,
    baseUrl: entry.baseUrl,
    method: 'apikey',
    key: entry.apiKey,
  })
  if (saved.status !== 200) throw new LostOnTheWay(saved, 'a saved environment')
  return environments(browser, entry.portalUrl, entry.label)
}

/** Replaces the key of the environment with this label, without confirming: the former key can still be brought back. */
export async function replaceKey(browser: Browser, entry: Omit<EnvironmentEntry, 'baseUrl'>): Promise<Page> {
  const list = await openSignedIn(browser, `${entry.portalUrl}/environments`, entry.email)
  const door = await browser.submit(list, formTo(list, '/environments/open', { purpose: 'replace' }))
  const vault = await browser.submit(door, formTo(door, '/vault'))
  const saved = await browser.submit(vault, formTo(vault, '/vault/save'), {
    method: 'apikey',
    key: entry.apiKey,
  })
  if (saved.status !== 200) throw new LostOnTheWay(saved, 'a replaced key')
  return environments(browser, entry.portalUrl, entry.label)
}

/** The portal fetches what the vault made when its list is opened. */
async function environments(browser: Browser, portalUrl: string, label: string): Promise<Page> {
  const list = await browser.open(`${portalUrl}/environments`)
  if (!list.html.text.includes(label)) throw new LostOnTheWay(list, `the environment “${label}”`)
  return list
}
