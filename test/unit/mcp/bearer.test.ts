import { expect, test } from 'vitest'
import { sha256Base64url } from '../../../src/crypto/digest.ts'
import { bearerOn, keepBearer } from '../../../src/mcp/admission/bearer.ts'

/** As a request brings it: equal to the others, and not the same. */
const sent = (text: string): string =>
  Buffer.from(`Bearer ${text}`).toString('latin1').slice('Bearer '.length)
const LONG = 'x'.repeat(4_000)

test('its digest is the SHA-256 of the token, base64url', () => {
  expect(bearerOn({}, 'abc').digest).toBe('ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0')
})

test('on one connection each token has its own, whatever was kept before', () => {
  const connection = {}
  for (const text of ['abc', 'abc', 'abd', 'abc', `${LONG}a`, `${LONG}a`, `${LONG}b`, LONG, `${LONG}a`]) {
    const bearer = bearerOn(connection, sent(text))
    expect(bearer).toEqual({ text, digest: sha256Base64url(text) })
    keepBearer(connection, bearer)
  }
})

test('a kept one is found again, on its own connection and until another is kept', () => {
  const [mine, theirs] = [{}, {}]
  const kept = bearerOn(mine, sent(LONG))
  expect(bearerOn(mine, sent(LONG))).not.toBe(kept)
  keepBearer(mine, kept)
  keepBearer(mine, kept)
  expect(bearerOn(mine, sent(LONG))).toBe(kept)
  expect(bearerOn(theirs, sent(LONG))).not.toBe(kept)
  const other = bearerOn(mine, sent('other'))
  expect(bearerOn(mine, sent(LONG))).toBe(kept)
  keepBearer(mine, other)
  expect(bearerOn(mine, sent('other'))).toBe(other)
  expect(bearerOn(mine, sent(LONG))).not.toBe(kept)
})
