import type { LookupFunction } from 'node:net'
import { z } from 'zod'
import { readForeignKeys, type ForeignKeys } from '../../crypto/foreign-keys.ts'
import { readStrictJson } from '../../crypto/strict-json.ts'
import type { WorkloadIssuer } from '../../crypto/workload-issuers.ts'
import { addressPolicy } from '../../kernel/egress/address.ts'
import { defaultLookup } from '../../kernel/egress/connector.ts'
import { getDocument } from '../../kernel/egress/get-document.ts'
import type { Log } from '../../kernel/log.ts'

export interface IssuerFetch {
  /** `http:` and loopback addresses: for development, never in production. */
  readonly allowLoopbackHttp: boolean
  readonly log: Log
  /** Name resolution; the system's by default. */
  readonly lookup?: LookupFunction
}

/**
 * Fetches the key set of an issuer from its `jwks_uri`, or from where its OpenID discovery document says (OpenID Connect
 * Discovery 1.0 §4). The issuer is the operator's choice, what it answers is not: no redirects, public addresses and the
 * issuer's own networks alone, judged when the name resolves and when the socket stands.
 *
 * @returns `null`: not to be had now, or nothing to trust
 */
export async function fetchIssuerKeys(
  issuer: WorkloadIssuer,
  options: IssuerFetch,
): Promise<ForeignKeys | null> {
  try {
    const jwksUri = issuer.jwks_uri ?? (await discover(issuer, options))
    const keys = await readForeignKeys(await fetchJson(jwksUri, issuer, options))
    if (keys.ok) return keys.value
    options.log.error({ issuer: issuer.issuer }, 'workload: the key document of an issuer cannot be trusted')
    return null
  } catch (error) {
    options.log.warn(
      { err: error, issuer: issuer.issuer },
      'workload: the keys of an issuer cannot be fetched',
    )
    return null
  }
}

async function discover(issuer: WorkloadIssuer, options: IssuerFetch): Promise<string> {
  const address = `${issuer.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const found = discovery.parse(await fetchJson(address, issuer, options))
  if (found.issuer !== issuer.issuer) throw new Error('the discovery document is of another issuer')
  return found.jwks_uri
}

async function fetchJson(address: string, issuer: WorkloadIssuer, options: IssuerFetch): Promise<unknown> {
  const { allowLoopbackHttp, lookup = defaultLookup } = options
  const url = new URL(address)
  if (url.protocol !== 'https:' && !(allowLoopbackHttp && url.protocol === 'http:'))
    throw new Error('the address is not https')
  const policy = addressPolicy({ allowCidrs: issuer.allow_cidrs, allowLoopback: allowLoopbackHttp })
  const limits = { deadlineMs: DEADLINE_MS, maxBytes: MAX_BYTES }
  return getDocument(url, { policy, lookup, ca: [], ...limits }, async ({ statusCode, body }) => {
    if (statusCode !== 200) throw new Error(`status ${statusCode}`)
    const json = readStrictJson(await body.text())
    if (!json.ok) throw new Error('not JSON')
    return json.value
  })
}

const discovery = z.looseObject({ issuer: z.string(), jwks_uri: z.url({ protocol: /^https?$/ }).max(500) })
/** The portal waits 5 s for an answer that may need two of these. */
const DEADLINE_MS = 2_000
const MAX_BYTES = 256 * 1024
