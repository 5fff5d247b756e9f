import type { HTMLElement } from 'node-html-parser'
import type { Page } from './browser.ts'

/** The page was not what the walk expected. Its message shows the heading, never a field's value. */
export class LostOnTheWay extends Error {
  override readonly name = 'LostOnTheWay'

  constructor(page: Page, wanted: string) {
    const heading = page.html.querySelector('h1')?.text.trim() ?? 'no heading'
    super(`Expected ${wanted} at ${new URL(page.url).pathname}, got status ${page.status}: ${heading}`)
  }
}

/** The form that posts to a path. `having` picks among several by a hidden field's value, e.g. `{ purpose: 'add' }`. */
export function formTo(page: Page, path: string, having: Readonly<Record<string, string>> = {}): HTMLElement {
  const found = page.html
    .querySelectorAll('form')
    .filter((form) => new URL(form.getAttribute('action') ?? '', page.url).pathname === path)
    .find((form) => Object.entries(having).every(([name, value]) => fieldValue(form, name) === value))
  if (found === undefined) throw new LostOnTheWay(page, `a form to ${path}`)
  return found
}

const fieldValue = (form: HTMLElement, name: string): string | undefined =>
  form.querySelector(`[name="${name}"]`)?.getAttribute('value')
