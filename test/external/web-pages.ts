import { formTo } from '../../src/dev/walk/forms.ts'
import { Browser, type Page } from '../../src/dev/walk/browser.ts'
import { CALLBACK, register } from '../../src/dev/walk/connect.ts'
import { discover, type Discovered } from '../../src/dev/walk/discover.ts'
import type { Stack } from '../../src/dev/processes/stack.ts'
import { openSignedIn } from '../../src/dev/walk/sign-in.ts'
import { PLANNER } from '../support/stack.ts'

const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'

/** One page of each kind, as a person gets it: signed out and in, consent and its outcome, vault, and what goes wrong. */
export async function everyKindOfPage(stack: Stack): Promise<ReadonlyMap<string, Page>> {
  const stranger = new Browser()
  const person = new Browser({ stopAt: CALLBACK })
  const { portalUrl, mcpUrl } = stack
  const pages = new Map<string, Page>([
    ['home, signed out', await stranger.open(`${portalUrl}/`)],
    ['portal, no such page', await stranger.open(`${portalUrl}/no-such-page`)],
    ['authorization of an unknown client', await stranger.open(`${portalUrl}/oauth/authorize?client_id=x`)],
    ['MCP server, no such page', await stranger.open(`${mcpUrl}/no-such-page`)],
    ['vault without a visit', await stranger.open(`${mcpUrl}/vault`)],
    ['home, signed in', await openSignedIn(person, `${portalUrl}/sign-in`, PLANNER)],
  ])
  for (const [name, page] of await linkedPages(person, portalUrl)) pages.set(name, page)
  for (const [name, page] of await consentPages(person, stack)) pages.set(name, page)
  for (const [name, page] of await vaultPages(person, portalUrl)) pages.set(name, page)
  return pages
}

/** Every page of the portal that a signed-in person reaches by links, so that a new one is graded without being named. */
async function linkedPages(person: Browser, portalUrl: string): Promise<Map<string, Page>> {
  const pages = new Map<string, Page>()
  const waiting = ['/']
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    if (pages.has(path)) continue
    const page = await person.open(`${portalUrl}${path}`)
    pages.set(path, page)
    const links = page.html.querySelectorAll('a[href]').map((link) => link.getAttribute('href') ?? '')
    const local = links.map((href) => new URL(href, page.url)).filter((url) => url.origin === portalUrl)
    waiting.push(...local.map(({ pathname }) => pathname).filter((next) => !LEAVES.includes(next)))
  }
  return pages
}

/** Ends the session that the other pages need. */
const LEAVES = ['/sign-out']

async function consentPages(person: Browser, { portalUrl, mcpUrl }: Stack): Promise<[string, Page][]> {
  const discovered = await discover(`${mcpUrl}/mcp`)
  const clientId = await register(discovered, 'A client')
  const consent = await person.open(authorizeUrl(discovered, clientId))
  const form = formTo(consent, '/oauth/decision')
  const stale = await new Browser().submit(consent, form, { decision: 'approve' })
  const leaving = await person.submit(consent, form, { decision: 'approve' })
  return [
    ['consent', consent],
    ['a decision of another browser', stale],
    ['leaving for the client', leaving],
    ['connections with one', await person.open(`${portalUrl}/connections`)],
  ]
}

function authorizeUrl({ server, resource }: Discovered, clientId: string): string {
  const params = {
    ...{ response_type: 'code', client_id: clientId, redirect_uri: CALLBACK, state: 's', resource },
    ...{ code_challenge: CHALLENGE, code_challenge_method: 'S256', scope: 'maximo:read offline_access' },
  }
  return `${server.authorization_endpoint}?${new URLSearchParams(params).toString()}`
}

async function vaultPages(person: Browser, portalUrl: string): Promise<[string, Page][]> {
  const list = await person.open(`${portalUrl}/environments`)
  const door = await person.submit(list, formTo(list, '/environments/open', { purpose: 'add' }))
  const vault = await person.submit(door, formTo(door, '/vault'))
  const typed = { label: 'Wrong', baseUrl: 'https://maximo.invalid/maximo', method: 'apikey', key: 'wrong' }
  const problem = await person.submit(vault, formTo(vault, '/vault/save'), typed)
  return [
    ['the way to the vault', door],
    ['vault', vault],
    ['vault, a key that does not work', problem],
  ]
}
