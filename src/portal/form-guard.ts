import type { FastifyReply, FastifyRequest } from 'fastify'
import { keyedHash, safeEqual, sha256Base64url } from '../crypto/digest.ts'
import type { PortalKeys } from '../crypto/keys/key-ring.ts'
import { randomSecret } from '../kernel/random.ts'
import type { PortalConfig } from './config.ts'
import { isOwnForm } from './session/same-origin.ts'
import type { SessionOwner } from './session/session-state.ts'

/** Marks the browser, not the person: what was begun in one browser cannot be ended in another. */
const COOKIE = '__Host-mx_txn'
const VALUE = /^[A-Za-z0-9_-]{43}$/

/** What a form is for: a token for one is none for another. */
export type FormPurpose = 'pages' | `consent:${string}` | `token:${string}`

/** The browser's mark, new if it has none. Sets the cookie on `reply`. */
export function markBrowser(request: FastifyRequest, reply: FastifyReply): string {
  const mark = readMark(request) ?? randomSecret()
  // Renewed at each use, so that it outlives the transaction. Lax: people arrive here from Clerk and from clients.
  reply.header('set-cookie', `${COOKIE}=${mark}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=3600`)
  return mark
}

/** What a transaction keeps of the browser that began it. */
export const browserDigest = (mark: string): string => sha256Base64url(`browser|${mark}`)

export function isSameBrowser(request: FastifyRequest, digest: string): boolean {
  const mark = readMark(request)
  return mark !== null && safeEqual(browserDigest(mark), digest)
}

/** Two cookies of one name mean that somebody planted one: neither counts. */
function readMark(request: FastifyRequest): string | null {
  const pairs = (request.headers.cookie ?? '').split(/; */)
  const values = pairs
    .filter((pair) => pair.startsWith(`${COOKIE}=`))
    .map((pair) => pair.slice(COOKIE.length + 1))
  const [value] = values
  return values.length === 1 && value !== undefined && VALUE.test(value) ? value : null
}

/** The hidden field `form`: bound to purpose, session and browser. It needs no expiry, since the session has one. */
export function formToken(
  purpose: FormPurpose,
  bound: { readonly owner: SessionOwner; readonly mark: string },
  keys: Pick<PortalKeys, 'local'>,
): string {
  return keyedHash(keys.local.active.derive('form'), formText(purpose, bound))
}

const formText = (
  purpose: FormPurpose,
  { owner, mark }: { readonly owner: SessionOwner; readonly mark: string },
): string => JSON.stringify([purpose, owner.userId, owner.sessionId, mark])

/** Whether the post came from a page of ours at all: exact `Origin`, and `Sec-Fetch-Site` where the browser sends it. */
export const isFromHere = (request: FastifyRequest, config: Pick<PortalConfig, 'portalUrl'>): boolean =>
  isOwnForm(request, config.portalUrl)

/** Whether the form's token was made for this purpose, this session and this browser. */
export function isFormTokenValid(
  token: string | undefined,
  asked: { readonly request: FastifyRequest; readonly purpose: FormPurpose; readonly owner: SessionOwner },
  keys: Pick<PortalKeys, 'local'>,
): boolean {
  const mark = readMark(asked.request)
  if (token === undefined || mark === null) return false
  const text = formText(asked.purpose, { owner: asked.owner, mark })
  return keys.local.all.some((key) => safeEqual(keyedHash(key.derive('form'), text), token))
}
