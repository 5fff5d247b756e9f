import { CookieJar } from 'tough-cookie'

/** The cookies of one session at Maximo: sent to where they came from, and never beside another proof. */
export class SessionCookies {
  readonly #jar = new CookieJar()
  readonly #url: string

  /** @param url whatever the session is asked below */
  constructor(url: string) {
    this.#url = url
  }

  get isEmpty(): boolean {
    return this.#text() === ''
  }

  /** @param fields `Set-Cookie` as they came (RFC 6265 §5.2); what is none for this address is left out */
  keep(fields: readonly string[]): void {
    for (const field of fields.slice(0, MAX_COOKIES))
      this.#jar.setCookieSync(field, this.#url, { ignoreError: true })
  }

  /** Name and value. */
  header(): readonly string[] {
    return ['cookie', this.#text()]
  }

  #text(): string {
    return this.#jar.getCookieStringSync(this.#url)
  }
}

const MAX_COOKIES = 20
