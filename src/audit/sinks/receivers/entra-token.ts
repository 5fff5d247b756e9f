import { z } from 'zod'
import type { Clock } from '../../../kernel/clock.ts'
import { Secret } from '../../../kernel/secret.ts'
import { readJson } from '../read-json.ts'
import type { SecretSource } from '../secret-source.ts'
import { undelivered, type Undelivered } from '../sink.ts'
import { HttpReceiver, statusFailure } from './http.ts'

export interface EntraOptions {
  /** Origin of the authority, e.g. `https://login.microsoftonline.com`. */
  readonly authority: string
  readonly tenantId: string
  readonly clientId: string
  readonly clientSecret: SecretSource
  /** What the token is for, e.g. `https://monitor.azure.com/.default`. */
  readonly scope: string
  readonly ca: readonly string[]
  readonly clock: Clock
}

/** Tokens of Microsoft Entra by client credentials, each used until five minutes before its end. */
export class EntraToken {
  readonly #options: EntraOptions
  readonly #http: HttpReceiver
  #current: { readonly token: Secret<string>; readonly untilMs: number } | null = null

  constructor(options: EntraOptions) {
    this.#options = options
    this.#http = new HttpReceiver({ url: options.authority, ca: options.ca, clock: options.clock })
  }

  /** @throws SecretMissing */
  async get(signal: AbortSignal): Promise<Secret<string> | Undelivered> {
    const { clock } = this.#options
    if (this.#current !== null && clock.nowMs() < this.#current.untilMs) return this.#current.token
    const posted = await this.#ask(signal)
    if (!posted.ok) return { ...posted, detail: `Entra: ${posted.detail}` }
    const failure = statusFailure(posted.answer)
    // 400 is how Entra answers to an unknown client or secret (`invalid_client`).
    if (failure !== null)
      return undelivered(
        posted.answer.status === 400 ? 'unauthorized' : failure.reason,
        `Entra: ${failure.detail}`,
        failure.retryAfterMs,
      )
    const answer = readJson(posted.answer.text, tokenAnswer)
    if (answer === null) return undelivered('refused', 'Entra: not a token response')
    const { access_token, expires_in } = answer
    const token = new Secret(access_token)
    this.#current = { token, untilMs: clock.nowMs() + expires_in * 1000 - EARLY_MS }
    return token
  }

  /** After it was refused. */
  forget(): void {
    this.#current = null
  }

  close(): Promise<void> {
    return this.#http.close()
  }

  #ask(signal: AbortSignal): ReturnType<HttpReceiver['post']> {
    const { tenantId, clientId, clientSecret, scope } = this.#options
    const form = new URLSearchParams({
      ...{ grant_type: 'client_credentials', client_id: clientId, scope },
      client_secret: clientSecret().reveal(),
    })
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    return this.#http.post(`/${tenantId}/oauth2/v2.0/token`, Buffer.from(form.toString()), headers, signal)
  }
}

const tokenAnswer = z.object({
  token_type: z.string().regex(/^bearer$/i),
  access_token: z.string().min(1),
  expires_in: z.coerce.number().positive(),
})

const EARLY_MS = 300_000
