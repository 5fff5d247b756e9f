import { CookieJar } from 'tough-cookie'
import { parse, type HTMLElement } from 'node-html-parser'
import { request } from 'undici'

const MAX_REDIRECTS = 12

/** A page as a person without JavaScript gets it. */
export interface Page {
  readonly url: string
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
  readonly html: HTMLElement
}

/**
 * A person's browser reduced to what the pages need: cookies, redirects, forms, `Origin` and `Sec-Fetch-*`. It runs no
 * script. `stopAt`: a redirect to an address with this prefix is returned instead of followed (an OAuth callback).
 */
export class Browser {
  readonly #jar = new CookieJar()
  readonly #stopAt: string | undefined

  constructor(options: { readonly stopAt?: string } = {}) {
    this.#stopAt = options.stopAt
  }

  async open(url: string): Promise<Page> {
    return this.#travel({ method: 'GET', url, site: 'none' })
  }

  /** Sends a form: its own fields as they stand, overruled and completed by `fill` (a clicked button's name and value, say). */
  async submit(page: Page, form: HTMLElement, fill: Readonly<Record<string, string>> = {}): Promise<Page> {
    const target = new URL(form.getAttribute('action') ?? '', page.url).href
    const fields = new URLSearchParams([...fieldsOf(form, fill)])
    const method = (form.getAttribute('method') ?? 'get').toUpperCase()
    const from = new URL(page.url).origin
    const site = from === new URL(target).origin ? 'same-origin' : 'same-site'
    if (method === 'GET') {
      return this.#travel({ method: 'GET', url: `${target}?${fields.toString()}`, site, from })
    }
    return this.#travel({ method: 'POST', url: target, site, from, body: fields.toString() })
  }

  /** Values of the cookies that would be sent there. */
  async cookieValues(url: string): Promise<string[]> {
    const cookies = await this.#jar.getCookies(url)
    return cookies.map((cookie) => cookie.value)
  }

  async #travel(first: Step): Promise<Page> {
    let step = first
    for (let hop = 0; hop < MAX_REDIRECTS; hop += 1) {
      const page = await this.#send(step)
      const next = nextAddress(page)
      if (next === null) return page
      if (this.#stopAt !== undefined && next.startsWith(this.#stopAt)) return { ...page, url: next }
      step = nextStep(step, page.status, next)
    }
    throw new Error(`More than ${MAX_REDIRECTS} redirects from ${first.url}`)
  }

  async #send(step: Step): Promise<Page> {
    const cookies = await this.#jar.getCookieString(step.url)
    const answer = await request(step.url, {
      method: step.method,
      headers: {
        accept: 'text/html,application/xhtml+xml',
        'sec-fetch-dest': 'document',
        'sec-fetch-mode': 'navigate',
        'sec-fetch-site': step.site,
        ...(cookies === '' ? {} : { cookie: cookies }),
        ...(step.body === undefined
          ? {}
          : { 'content-type': 'application/x-www-form-urlencoded', origin: step.from ?? 'null' }),
      },
      ...(step.body === undefined ? {} : { body: step.body }),
    })
    for (const cookie of [answer.headers['set-cookie'] ?? []].flat()) {
      await this.#jar.setCookie(cookie, step.url, { ignoreError: true })
    }
    const body = await answer.body.text()
    return { url: step.url, status: answer.statusCode, headers: answer.headers, body, html: parse(body) }
  }
}

interface Step {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly site: 'none' | 'same-origin' | 'same-site'
  readonly from?: string
  readonly body?: string
}

/** Where the browser goes on by itself: a redirect, or a meta refresh. */
function nextAddress(page: Page): string | null {
  const location = page.headers['location']
  if (page.status >= 300 && page.status < 400 && typeof location === 'string')
    return new URL(location, page.url).href
  const refresh = page.html.querySelector('meta[http-equiv="refresh"]')?.getAttribute('content')
  const target = /^\s*\d+\s*;\s*url=(.+)$/i.exec(refresh ?? '')?.[1]
  return target === undefined ? null : new URL(target, page.url).href
}

/** 303 (and a browser's habit with 302) turns a POST into a GET; 307 repeats it. */
function nextStep(step: Step, status: number, url: string): Step {
  if (status === 307 && step.method === 'POST') return { ...step, url }
  return { method: 'GET', url, site: step.site === 'none' ? 'none' : 'same-site' }
}

function* fieldsOf(form: HTMLElement, fill: Readonly<Record<string, string>>): Generator<[string, string]> {
  for (const field of form.querySelectorAll('input, select, textarea')) {
    const name = field.getAttribute('name')
    if (name === undefined || name in fill) continue
    const value = defaultValue(field)
    if (value !== undefined) yield [name, value]
  }
  yield* Object.entries(fill)
}

function defaultValue(field: HTMLElement): string | undefined {
  const kind = field.tagName === 'SELECT' ? 'select' : (field.getAttribute('type') ?? 'text')
  switch (kind) {
    case 'submit':
    case 'button':
      return undefined
    case 'checkbox':
    case 'radio':
      return field.hasAttribute('checked') ? (field.getAttribute('value') ?? 'on') : undefined
    case 'select':
      return chosenOption(field)
    default:
      return field.getAttribute('value') ?? ''
  }
}

function chosenOption(select: HTMLElement): string | undefined {
  const options = select.querySelectorAll('option')
  return (options.find((option) => option.hasAttribute('selected')) ?? options[0])?.getAttribute('value')
}
