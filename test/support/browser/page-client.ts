import { CookieJar } from 'tough-cookie'
import { request } from 'undici'

export interface Answer {
  readonly url: string
  readonly status: number
  readonly headers: Record<string, string | string[] | undefined>
  readonly text: string
}

interface Sending {
  readonly form?: Record<string, string>
  readonly headers?: Record<string, string | null>
}

/** A browser without scripts whose every step a test can see and bend. Redirects are followed only by `visit` and `submit`. */
export class PageClient {
  readonly jar = new CookieJar()

  async send(method: 'GET' | 'POST', url: string, sending: Sending = {}): Promise<Answer> {
    const cookie = await this.jar.getCookieString(url)
    const headers: Record<string, string | null> = {
      accept: 'text/html',
      'sec-fetch-dest': 'document',
      ...(cookie === '' ? {} : { cookie }),
      ...(method === 'POST'
        ? {
            'content-type': 'application/x-www-form-urlencoded',
            origin: new URL(url).origin,
            'sec-fetch-site': 'same-origin',
          }
        : {}),
      ...sending.headers,
    }
    const sent = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== null))
    const answer = await request(url, {
      method,
      headers: sent as Record<string, string>,
      ...(sending.form === undefined ? {} : { body: new URLSearchParams(sending.form).toString() }),
    })
    for (const value of [answer.headers['set-cookie'] ?? []].flat()) await this.jar.setCookie(value, url)
    return { url, status: answer.statusCode, headers: answer.headers, text: await answer.body.text() }
  }

  async visit(url: string, sending: Sending = {}): Promise<Answer & { readonly hops: readonly string[] }> {
    return this.#follow(await this.send('GET', url, sending))
  }

  async submit(
    url: string,
    form: Record<string, string>,
  ): Promise<Answer & { readonly hops: readonly string[] }> {
    return this.#follow(await this.send('POST', url, { form }))
  }

  async #follow(first: Answer): Promise<Answer & { readonly hops: readonly string[] }> {
    let answer = first
    const hops: string[] = []
    while (answer.status >= 300 && answer.status < 400) {
      const next = new URL(String(answer.headers['location']), answer.url).href
      hops.push(new URL(next).origin + new URL(next).pathname)
      if (hops.length > 12) throw new Error(`a redirect loop: ${hops.join(' ')}`)
      answer = await this.send('GET', next)
    }
    return { ...answer, hops }
  }

  async cookie(url: string, name: string): Promise<string | undefined> {
    return (await this.jar.getCookies(url)).find((cookie) => cookie.key === name)?.value
  }

  async setCookie(url: string, name: string, value: string | null): Promise<void> {
    await this.jar.setCookie(value === null ? `${name}=; Path=/; Max-Age=0` : `${name}=${value}; Path=/`, url)
  }
}

/** Hidden fields of the first form of a page. */
export function hiddenFields(html: string): Record<string, string> {
  const fields = html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)
  return Object.fromEntries(
    [...fields].map(([, name, value]) => [name ?? '', (value ?? '').replaceAll('&amp;', '&')]),
  )
}
