import { keyedHash } from '../../crypto/digest.ts'
import type { PortalKeys } from '../../crypto/keys/key-ring.ts'
import { deriveKey, openWith, sealWith } from '../../crypto/sealed.ts'
import { randomSecret } from '../../kernel/random.ts'

/** `mxr_` and 256 bits: secret scanners find it, nobody guesses it. */
export const newRefreshToken = (): string => `mxr_${randomSecret()}`

export const isRefreshToken = (token: string): boolean => /^mxr_[A-Za-z0-9_-]{43}$/.test(token)

/** All the portal keeps of a refresh token: its keyed hash, under every key that may have been used, newest first. */
export const refreshHashes = (
  token: string,
  keys: Pick<PortalKeys, 'local'>,
): readonly [string, ...string[]] => {
  const hash = (key: PortalKeys['local']['active']): string => keyedHash(key.derive('refresh-token'), token)
  return [hash(keys.local.active), ...keys.local.all.slice(1).map(hash)]
}

/**
 * What a refresh token unlocks. The keys are derived from the token itself, so that a copy of store, journal and all
 * portal keys mints nothing without the clients' own tokens.
 */
const RECEIPT = { label: 'receipt', typ: 'mx-held-receipt+jwe' }
const SUCCESSOR = { label: 'successor', typ: 'mx-successor+jwe' }
type Content = typeof RECEIPT

const seal =
  (content: Content) =>
  async (value: string, token: string): Promise<string> =>
    sealWith(deriveKey(token, content.label), content.typ, value)

/** @throws when what the journal says belongs to this token does not open with it: a bug, no refusal */
const open =
  (content: Content) =>
  async (sealed: string, token: string): Promise<string> => {
    const opened = await openWith(deriveKey(token, content.label), content.typ, sealed)
    if (!opened.ok) throw new Error(`a sealed ${content.label} does not open: ${opened.error}`)
    return Buffer.from(opened.value).toString('utf8')
  }

export const sealReceiptFor = seal(RECEIPT)
export const openReceiptWith = open(RECEIPT)
export const sealSuccessorFor = seal(SUCCESSOR)
export const openSuccessorWith = open(SUCCESSOR)
