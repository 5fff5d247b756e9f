import type { LookupFunction } from 'node:net'
import { type Dispatcher, errors } from 'undici'
import { readStrictJson } from '../../../crypto/strict-json.ts'
import type { Clock } from '../../../kernel/clock.ts'
import { type AddressPolicy, addressPolicy } from '../../../kernel/egress/address.ts'
import { defaultLookup, EgressRefused } from '../../../kernel/egress/connector.ts'
import { getDocument } from '../../../kernel/egress/get-document.ts'
import { assertPlain } from '../../../kernel/json-text.ts'
import { err, ok, type Result } from '../../../kernel/result.ts'
import { freshnessMs } from './freshness.ts'

/** Why nothing was fetched. For the log and, in general words, for the person who waits. */
export type RemoteFailure =
  'address_refused' | 'unreachable' | 'too_slow' | 'too_large' | 'not_found' | 'not_json' | 'busy'

export interface RemoteJson {
  readonly json: unknown
  readonly freshMs: number
}

/** What a test may put in the place of the network: names that lie, an authority of its own, less patience. */
export interface RemoteOverrides {
  readonly lookup?: LookupFunction
  readonly ca?: readonly string[]
  readonly policy?: AddressPolicy
  readonly deadlineMs?: number
}

/** Fetches small JSON documents from addresses that strangers name. */
export interface RemoteDocuments {
  /** `url` must have passed {@link readRemoteUrl}. Never rejects. */
  fetch(url: URL, maxBytes: number): Promise<Result<RemoteJson, RemoteFailure>>
}

/**
 * The one way to addresses that strangers chose. No redirects, no cookies, nothing inflated; public addresses alone, judged
 * when the name resolves and when the socket stands; a few at once, so that slow hosts hold up nobody else for long.
 */
export function openRemoteDocuments(clock: Clock, overrides: RemoteOverrides = {}): RemoteDocuments {
  const running = new Map<string, number>()
  const options = {
    policy: overrides.policy ?? addressPolicy({ allowCidrs: [], allowLoopback: false }),
    lookup: overrides.lookup ?? defaultLookup,
    ca: overrides.ca ?? [],
    deadlineMs: overrides.deadlineMs ?? DEADLINE_MS,
    clock,
  }
  return {
    fetch: async (url, maxBytes) => {
      const atHost = running.get(url.host) ?? 0
      const total = [...running.values()].reduce((sum, count) => sum + count, 0)
      if (atHost >= MAX_PER_HOST || total >= MAX_AT_ONCE) return err('busy')
      running.set(url.host, atHost + 1)
      try {
        return await fetchOnce(url, maxBytes, options)
      } finally {
        const left = (running.get(url.host) ?? 1) - 1
        if (left === 0) running.delete(url.host)
        else running.set(url.host, left)
      }
    },
  }
}

type Options = Required<RemoteOverrides> & { readonly clock: Clock }

async function fetchOnce(
  url: URL,
  maxBytes: number,
  options: Options,
): Promise<Result<RemoteJson, RemoteFailure>> {
  try {
    return await getDocument(url, { ...options, maxBytes }, (answer) => readJson(answer, options.clock))
  } catch (error) {
    return err(failureOf(error))
  }
}

async function readJson(
  { statusCode, headers, body }: Dispatcher.ResponseData,
  clock: Clock,
): Promise<Result<RemoteJson, RemoteFailure>> {
  if (statusCode !== 200) return err('not_found')
  if (!isPlainJson(headers)) return err('not_json')
  const json = readPlain(await body.text())
  return json.ok ? ok({ json: json.value, freshMs: freshnessMs(headers, clock.nowMs()) }) : err('not_json')
}

function isPlainJson(headers: Readonly<Record<string, string | string[] | undefined>>): boolean {
  const { 'content-type': type, 'content-encoding': encoding } = headers
  const isIdentity = encoding === undefined || encoding === 'identity'
  return isIdentity && typeof type === 'string' && /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(type)
}

function readPlain(text: string): Result<unknown, 'malformed'> {
  try {
    assertPlain(text)
    return readStrictJson(text)
  } catch {
    return err('malformed')
  }
}

function failureOf(error: unknown): RemoteFailure {
  if (error instanceof EgressRefused) return 'address_refused'
  if (error instanceof errors.ResponseExceededMaxSizeError) return 'too_large'
  const isLate =
    error instanceof errors.ConnectTimeoutError || (error instanceof Error && error.name === 'TimeoutError')
  return isLate ? 'too_slow' : 'unreachable'
}

/** From the first packet to the last byte. */
const DEADLINE_MS = 5_000
const MAX_PER_HOST = 2
const MAX_AT_ONCE = 16
