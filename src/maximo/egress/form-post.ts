import type { Pool } from 'undici'
import { MaximoFault } from '../fault.ts'
import { faultOfTransport } from '../http/transport-fault.ts'
import { checkTokenUrl } from './rules.ts'
import type { EgressRules } from './rules.ts'

export interface FormAsk {
  readonly url: string
  /** `application/x-www-form-urlencoded`. */
  readonly body: string
  readonly authorization: string | null
}
export interface FormAnswer {
  readonly status: number
  /** Parsed; null for what is not JSON. */
  readonly json: unknown
}

/**
 * Asks a token endpoint, under the same address rules as Maximo: no redirects, a bounded answer, one deadline.
 *
 * @throws MaximoFault egress_refused, timeout, unreachable, too_large or bad_upstream
 */
export type FormPost = (ask: FormAsk) => Promise<FormAnswer>

export interface FormPostOptions {
  readonly rules: EgressRules
  /** A pool to an origin that the rules allow. */
  readonly poolOf: (origin: string, host: string) => Pool
  readonly timeoutMs: number
}

export const formPost =
  ({ rules, poolOf, timeoutMs }: FormPostOptions): FormPost =>
  async ({ url, body, authorization }) => {
    const checked = checkTokenUrl(url, rules)
    if (!checked.ok) throw new MaximoFault('egress_refused', { detail: checked.error.reason })
    const { origin, host, path } = checked.value
    const headers = {
      accept: 'application/json',
      'accept-encoding': 'identity',
      'content-type': 'application/x-www-form-urlencoded',
      'user-agent': 'maximo-mcp',
      ...(authorization === null ? {} : { authorization }),
    }
    const signal = AbortSignal.timeout(timeoutMs)
    try {
      const answer = await poolOf(origin, host).request({ path, method: 'POST', headers, body, signal })
      return { status: answer.statusCode, json: parse(await readBounded(answer.body)) }
    } catch (error) {
      if (signal.aborted) throw new MaximoFault('timeout', { detail: 'identity_provider', cause: error })
      throw faultOfTransport(error instanceof Error ? error : new Error('failed'), { hasHeaders: false })
    }
  }

async function readBounded(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    // Leaving the loop destroys the stream and its socket.
    if (bytes > MAX_BYTES) throw new MaximoFault('too_large', { detail: 'identity_provider' })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null
  }
}

const MAX_BYTES = 64 * 1024
