import { request } from 'undici'

export interface JsonAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Parsed when it is JSON, else the text. */
  readonly body: unknown
}

export interface JsonAsk {
  readonly json?: unknown
  readonly form?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
}

/** One request of a program (no cookies, no redirects): GET without content, POST with `json` or `form`. */
export async function ask(url: string, { json, form, headers = {} }: JsonAsk = {}): Promise<JsonAnswer> {
  const body = form === undefined ? JSON.stringify(json) : new URLSearchParams(form).toString()
  const type = form === undefined ? 'application/json' : 'application/x-www-form-urlencoded'
  const sends = form !== undefined || json !== undefined
  const answer = await request(url, {
    method: sends ? 'POST' : 'GET',
    headers: { accept: 'application/json', ...(sends ? { 'content-type': type } : {}), ...headers },
    ...(sends ? { body } : {}),
  })
  return {
    status: answer.statusCode,
    headers: answer.headers,
    body: parsed(await answer.body.text()),
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
