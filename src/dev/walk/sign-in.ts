import type { Browser, Page } from './browser.ts'
import { LostOnTheWay } from './forms.ts'

/** Opens a portal page that needs a session and signs in at the stand-in's page of accounts on the way. */
export async function openSignedIn(browser: Browser, url: string, email: string): Promise<Page> {
  const page = await browser.open(url)
  const button = page.html.querySelector(`button[name="user"][value="${email}"]`)
  if (button === null) return page
  const form = button.closest('form')
  if (form === null) throw new LostOnTheWay(page, 'a sign-in form')
  return browser.submit(page, form, { user: email })
}
