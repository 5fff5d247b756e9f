import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ACCESS_TOKEN, CI_PREFIX_CHARS } from '../../../src/crypto/formats.ts'
import type { McpKeys } from '../../../src/crypto/keys/key-ring.ts'
import type { KeyState } from '../../../src/crypto/keys/key.ts'
import { checkPreTag, openToken, readTokenShape } from '../../../src/crypto/token-open.ts'
import { formatCiToken, sealAccessToken } from '../../../src/crypto/token-seal.ts'
import { randomId } from '../../../src/kernel/random.ts'
import {
  aReceipt,
  open,
  openWorkshop,
  sealed,
  someClaims,
  verdict,
  without,
  type Workshop,
} from '../../support/crypto/token-workshop.ts'

let shop: Workshop
beforeAll(async () => {
  shop = await openWorkshop()
})
afterAll(() => shop.close())

const kids = (): [string, string] => [
  shop.portal.tokenEncryption.active.kid,
  shop.portal.tokenSigning.active.kid,
]

/** An automation token as the portal makes it; the bare JWE of it. */
async function automationJwe(): Promise<string> {
  const jti = randomId()
  const receipt = { ...without(aReceipt(), 'max'), knd: 'ci' as const, jti, kids: kids() }
  const claims = { ...(await someClaims(shop)), jti, knd: 'ci' as const, gr: await sealed(receipt, shop) }
  return made(await sealAccessToken(without(claims, 'exp'), shop.portal))
}
const personJwe = async (): Promise<string> =>
  made(await sealAccessToken(await someClaims(shop), shop.portal))
const made = (result: Awaited<ReturnType<typeof sealAccessToken>>): string => (result.ok ? result.value : '')

/** The MCP server's keys, with those of one purpose in another state. */
const aged = (purpose: 'tokenEncryption' | 'tokenSigning', state: KeyState): McpKeys => ({
  ...shop.mcp,
  [purpose]: {
    ...shop.mcp[purpose],
    find: (kid: string) => {
      const key = shop.mcp[purpose].find(kid)
      return key === undefined ? undefined : { ...key, state }
    },
  },
})

async function openedUnder(bearer: string, keys: McpKeys): Promise<string> {
  const shape = readTokenShape(bearer)
  if (!shape.ok) return shape.error
  const tagged = checkPreTag(shape.value, keys)
  return tagged.ok ? verdict(await openToken(tagged.value, keys, shop.options)) : tagged.error
}

test('a token under a key that is gone, though its pre-tag key is not, is one of an unknown key', async () => {
  const keys = { ...shop.mcp, tokenEncryption: { ...shop.mcp.tokenEncryption, find: () => undefined } }
  const token = await personJwe()
  expect([await openedUnder(token, shop.mcp), await openedUnder(token, keys)]).toEqual([
    'opened',
    'kid_unknown',
  ])
})

describe('an automation token', () => {
  test('opens in its own form, and says of itself what it is', async () => {
    const bearer = formatCiToken(await automationJwe())
    expect(bearer).toMatch(/^mxci_[A-Za-z0-9_-]{6}_eyJ/)
    expect(readTokenShape(bearer)).toMatchObject({ ok: true, value: { form: 'prefixed' } })
    expect(await open(bearer, shop)).toMatchObject({
      ok: true,
      value: { claims: { knd: 'ci' }, encryptionKid: kids()[0], signingKid: kids()[1] },
    })
  })

  test('bare, or with a check that is not its own, or cut, it does not', async () => {
    const jwe = await automationJwe()
    const bearer = formatCiToken(jwe)
    const bent = bearer.startsWith('mxci_A') ? `mxci_B${bearer.slice(6)}` : `mxci_A${bearer.slice(6)}`
    const verdicts = [jwe, bent, bearer.slice(0, -1), `mxci_${bearer.slice(5, 11)}-${jwe}`]
    expect(await Promise.all(verdicts.map((one) => openedUnder(one, shop.mcp)))).toEqual([
      'form_mismatch',
      'prefix_check_wrong',
      'prefix_check_wrong',
      'prefix_check_wrong',
    ])
  })

  test('is read up to its longest, and not one character beyond', () => {
    const longest = `mxci_${'A'.repeat(CI_PREFIX_CHARS + ACCESS_TOKEN.maxChars - 5)}`
    expect([verdict(readTokenShape(longest)), verdict(readTokenShape(`${longest}A`))]).toEqual([
      'prefix_check_wrong',
      'length_out_of_range',
    ])
  })

  test('is not what a person’s token in its form is', async () => {
    const jwe = await personJwe()
    expect(readTokenShape(jwe)).toMatchObject({ ok: true, value: { form: 'bare' } })
    expect([await openedUnder(jwe, shop.mcp), await openedUnder(formatCiToken(jwe), shop.mcp)]).toEqual([
      'opened',
      'form_mismatch',
    ])
  })
})

describe.each(['tokenEncryption', 'tokenSigning'] as const)(
  'under a %s key that is left for automation',
  (purpose) => {
    test.each<[KeyState, string]>([
      ['ci-only', 'key_ci_only'],
      ['accept', 'opened'],
    ])('a person’s token under a key in the state %s: %s', async (state, expected) => {
      expect(await openedUnder(await personJwe(), aged(purpose, state))).toBe(expected)
    })

    test('an automation token opens', async () => {
      expect(await openedUnder(formatCiToken(await automationJwe()), aged(purpose, 'ci-only'))).toBe('opened')
    })
  },
)
