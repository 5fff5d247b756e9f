import { createHash } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { ACCESS_TOKEN, INNER_TOKEN, RECEIPT, WRAPPED, type JweFormat } from '../../../src/crypto/formats.ts'
import { openJwe, verify, verifyForeign } from '../../../src/crypto/jose.ts'
import { findWeakness, jwk as jwkSchema, publicHalf } from '../../../src/crypto/keys/jwk.ts'
import type { Key, Purpose } from '../../../src/crypto/keys/key.ts'
import { importKey } from '../../../src/crypto/keys/material.ts'
import { readStrictJson } from '../../../src/crypto/strict-json.ts'
import { jweVectors, KIDS, RECEIPT_KEY, TOKEN_KEY, WRAPPING_KEY } from '../../support/vectors/jwe-vectors.ts'
import { jwkVectors } from '../../support/vectors/jwk-vectors.ts'
import {
  FOREIGN_KEY,
  FOREIGN_KID,
  jwsVectors,
  SIGNING_KEY,
  SIGNING_KID,
} from '../../support/vectors/jws-vectors.ts'
import type { Vector } from '../../support/vectors/vector.ts'
import { publicKey } from '../../support/vectors/vector-keys.ts'

/*
 * Tables of our own making in the manner of Wycheproof and RFC 7520, made by hand with `node:crypto` and read by the
 * wrapper: no wrong accept, no wrong refusal, and nothing hostile is thrown.
 */

/** What the wrapper makes of a text: its content as latin1, or `null` when it is refused. */
type Reader = (text: string) => Promise<string | null>

interface Table {
  readonly name: string
  readonly vectors: readonly Vector[]
  readonly read: Reader
}

const single = <P extends Purpose>(key: Key<P>) => ({
  find: (kid: string) => (kid === key.kid ? key : undefined),
})
const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

const jweReader =
  <P extends Purpose>(format: JweFormat<P>, key: Key<P>): Reader =>
  async (text) => {
    const opened = await openJwe(format, text, single(key))
    return opened.ok ? latin1(opened.value.plaintext) : null
  }

async function readers(): Promise<Record<keyof typeof KIDS | 'ours' | 'theirs', Reader>> {
  const about = <P extends Purpose>(purpose: P, kid: string) => ({ purpose, kid, state: 'active' as const })
  const signing = await importKey(about('token-signing', SIGNING_KID), publicHalf(SIGNING_KEY))
  const foreign = { material: publicKey({ kty: 'RSA', n: FOREIGN_KEY.n, e: FOREIGN_KEY.e }) }
  const rules = { algorithms: ['RS256'], types: ['JWT'], maxChars: 4096 }
  return {
    token: jweReader(ACCESS_TOKEN, await importKey(about('token-encryption', KIDS.token), TOKEN_KEY)),
    receipt: jweReader(RECEIPT, await importKey(about('receipt', KIDS.receipt), RECEIPT_KEY)),
    wrapped: jweReader(WRAPPED, await importKey(about('wrapping', KIDS.wrapped), WRAPPING_KEY)),
    ours: async (text) => {
      const read = await verify(INNER_TOKEN, text, single(signing))
      return read.ok ? latin1(read.value.payload) : null
    },
    theirs: async (text) => {
      const find = ({ kid }: { readonly kid: string | undefined }) => (kid === FOREIGN_KID ? [foreign] : [])
      const read = await verifyForeign(text, { find }, rules)
      return read.ok ? latin1(read.value.payload) : null
    },
  }
}

/** As a key folder reads a key: strict JSON, exact members, no weakness. */
const readKey: Reader = async (text) => {
  const json = readStrictJson(text)
  const parsed = jwkSchema.safeParse(json.ok ? json.value : undefined)
  return Promise.resolve(parsed.success && findWeakness(parsed.data) === null ? '' : null)
}

let tables: readonly Table[] = []
beforeAll(async () => {
  const read = await readers()
  const jwe = jweVectors()
  const jws = jwsVectors()
  tables = [
    { name: 'token', vectors: jwe.token, read: read.token },
    { name: 'receipt', vectors: jwe.receipt, read: read.receipt },
    { name: 'wrapped', vectors: jwe.wrapped, read: read.wrapped },
    { name: 'ours', vectors: jws.ours, read: read.ours },
    { name: 'theirs', vectors: jws.theirs, read: read.theirs },
    { name: 'jwk', vectors: jwkVectors(), read: readKey },
  ]
}, 120_000)

const table = (name: string): Table => tables.find((one) => one.name === name)!

describe.each([
  ['token', 'an access token’s JWE', 250],
  ['receipt', 'a receipt’s JWE', 230],
  ['wrapped', 'a wrapped credential’s JWE', 230],
  ['ours', 'a JWS of the portal', 240],
  ['theirs', 'a JWS of somebody else', 200],
  ['jwk', 'a key of a key folder', 250],
])('%s: %s', (name, _what, least) => {
  test('every valid one is read, as what it is', async () => {
    const { vectors, read } = table(name)
    const good = vectors.filter(({ result }) => result === 'valid')
    expect(good.length).toBeGreaterThanOrEqual(3)
    for (const { comment, text, content = '' } of good) expect(await read(text), comment).toBe(content)
  })

  test('no invalid one is accepted, and none throws', async () => {
    const { vectors, read } = table(name)
    const bad = vectors.filter(({ result }) => result === 'invalid')
    const accepted: string[] = []
    for (const { comment, flag, text } of bad)
      if ((await read(text)) !== null) accepted.push(`${flag}: ${comment}`)
    expect(accepted).toEqual([])
    expect(bad.length).toBeGreaterThanOrEqual(least)
  })

  test('no row stands there twice, and none is the good one again', () => {
    const { vectors } = table(name)
    const good = new Set(vectors.filter(({ result }) => result === 'valid').map(({ text }) => text))
    const again = vectors.filter(({ result, text }) => result === 'invalid' && good.has(text))
    expect(again.map(({ flag, comment }) => `${flag}: ${comment}`)).toEqual([])
  })
})

test('the tables are the same at every run', () => {
  const rows = tables.flatMap(({ name, vectors }) =>
    vectors.map((vector) => [name, vector.comment, vector.text]),
  )
  const digest = createHash('sha256').update(JSON.stringify(rows)).digest('base64url')
  expect(digest).toBe('bIEhQ5iKJG2vZufIdIvtuZBnyDLGdmHa6AyShwrldDg')
})
