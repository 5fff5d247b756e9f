import { createPublicKey } from 'node:crypto'
import { z } from 'zod'
import { err, ok, type Result } from '../kernel/result.ts'
import { readForeignKeys } from './foreign-keys.ts'
import { readStrictJson } from './strict-json.ts'

/** A public key as its owner gave it: the members that count, and its RFC 7638 thumbprint. */
export const pastedKey = z.strictObject({
  jwk: z.record(z.string().max(10), z.string().max(1400)),
  thumbprint: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
})
export type PastedKey = z.infer<typeof pastedKey>

/** `private`: whoever pastes that has to make a new one. */
export type PastedProblem = 'none' | 'unreadable' | 'private' | 'weak' | 'twice' | 'too_many'

/**
 * Reads public keys out of what a person pasted: PEM blocks (SPKI), one JWK, or a JWK set. All of it must be keys that can
 * verify an assertion, each once.
 *
 * @param atMost how many there may be
 */
export async function readPastedKeys(
  text: string,
  atMost: number,
): Promise<Result<readonly PastedKey[], PastedProblem>> {
  const trimmed = text.trim()
  if (trimmed === '') return err('none')
  if (/PRIVATE KEY/.test(trimmed)) return err('private')
  const jwks = trimmed.startsWith('{') ? readJson(trimmed) : readPem(trimmed)
  if (jwks === null) return err('unreadable')
  if (jwks.some((jwk) => ['d', 'k'].some((member) => Object.hasOwn(jwk, member)))) return err('private')
  if (jwks.length > atMost) return err('too_many')
  const keys: PastedKey[] = []
  for (const jwk of jwks) {
    const key = await readOne(jwk)
    if (key === null) return err('weak')
    keys.push(key)
  }
  const isTwice = new Set(keys.map(({ thumbprint }) => thumbprint)).size !== keys.length
  return isTwice ? err('twice') : ok(keys)
}

type Jwk = Readonly<Record<string, unknown>>

function readJson(text: string): readonly Jwk[] | null {
  const json = readStrictJson(text)
  const read = z
    .looseObject({ keys: z.array(z.looseObject({})).min(1).optional() })
    .safeParse(json.ok ? json.value : null)
  return read.success ? (read.data.keys ?? [read.data]) : null
}

function readPem(text: string): readonly Jwk[] | null {
  if (text.replace(PEM, '').trim() !== '') return null
  try {
    // What OpenSSL cannot read throws.
    return Array.from(text.matchAll(PEM), ([pem]) => createPublicKey(pem).export({ format: 'jwk' }) as Jwk)
  } catch {
    return null
  }
}

async function readOne(jwk: Jwk): Promise<PastedKey | null> {
  const read = await readForeignKeys({ keys: [jwk] })
  const [key] = read.ok ? read.value.all : []
  if (key === undefined) return null
  const members = MEMBERS.flatMap((name) => {
    const value = jwk[name]
    return typeof value === 'string' ? [[name, value] as const] : []
  })
  return { jwk: Object.fromEntries(members), thumbprint: key.thumbprint }
}

const MEMBERS = ['kty', 'crv', 'x', 'y', 'n', 'e', 'kid', 'alg'] as const
const PEM = /-----BEGIN (?:RSA )?PUBLIC KEY-----[A-Za-z0-9+/=\s]+-----END (?:RSA )?PUBLIC KEY-----/g
