import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Receipt } from '../../../src/crypto/credential.ts'
import { AUDIT_HEAD, RECEIPT, ROOT_RECEIPT, WRAPPED } from '../../../src/crypto/formats.ts'
import { signHead, verifyHead } from '../../../src/crypto/head-signature.ts'
import { encrypt } from '../../../src/crypto/jose.ts'
import { keyFolder } from '../../../src/crypto/keys/ceremony.ts'
import { loadAuditHeadVerifiers } from '../../../src/crypto/keys/key-ring.ts'
import { openReceipt, sealReceipt } from '../../../src/crypto/receipt.ts'
import { openRoot, rootClaims, sealRoot, type RootReceipt } from '../../../src/crypto/root-receipt.ts'
import { openWrapped } from '../../../src/crypto/wrapped.ts'
import { Secret } from '../../../src/kernel/secret.ts'
import {
  aReceipt,
  aWrapped,
  openWorkshop,
  verdict,
  without,
  type Workshop,
} from '../../support/crypto/token-workshop.ts'

let shop: Workshop
beforeAll(async () => {
  shop = await openWorkshop()
})
afterAll(() => shop.close())

const JTI = 'VG9rZW5Ub2tlblRva2VuMQ'
const KIDS: [string, string] = ['te-A1b2C3d4', 'ts-A1b2C3d4']
/** Without an end, and for one token. */
const automation = () => ({ ...without(aReceipt(), 'max'), knd: 'ci' as const, jti: JTI, kids: KIDS })

const sealedRow = (row: readonly unknown[]): Promise<string> =>
  encrypt(RECEIPT, shop.mcp.receipt.active, { plaintext: JSON.stringify(row) })
/** As it is written: 16 columns, then the credential. */
function rowOf(receipt: Omit<Receipt, 'max'> & Pick<Partial<Receipt>, 'max'>): unknown[] {
  const { v, sub, sid, env, ver, cid, scp, knd, gid, prf, pla, fea, at, max, jti, kids, c } = receipt
  const columns = [v, sub, sid, env, ver, cid, scp, knd, gid, prf, pla, fea, at, max, jti, kids]
  return [...columns.map((value) => value ?? null), c.u, c.a, c.k.reveal()]
}
const withCredential = (k: string) => aReceipt({ c: { ...aReceipt().c, k: new Secret(k) } })

/** The credential with which a sealed receipt has exactly so many characters: three of them make four. */
async function fitting(chars: number, make: (k: string) => Promise<string | null>): Promise<string> {
  const empty = (await make('k'))?.length ?? 0
  for (let more = Math.floor(((chars - empty) * 3) / 4) - 4; more < 900; more += 1) {
    const k = 'k'.repeat(more)
    if ((await make(k))?.length === chars) return k
  }
  throw new Error(`no credential makes ${chars} characters`)
}

describe('a receipt', () => {
  test.each([
    ['a person’s grant', () => aReceipt()],
    ['an automation grant', automation],
    ['an automation grant with an end', () => ({ ...automation(), max: 1_795_305_600 })],
    [
      'one with a client certificate',
      () => aReceipt({ c: { ...aReceipt().c, a: 'certificate', x: 'x'.repeat(43) } }),
    ],
  ])('%s comes back as it was, under the key that made it', async (_name, make) => {
    const made = await sealReceipt(make(), shop.mcp)
    const opened = await openReceipt(made.ok ? made.value : '', shop.mcp)
    expect(opened).toEqual({ ok: true, value: { receipt: make(), kid: shop.mcp.receipt.active.kid } })
  })

  test.each([
    ['a person’s grant without an end', without(aReceipt(), 'max')],
    ['a person’s grant that names a token', aReceipt({ jti: JTI })],
    ['a person’s grant that pins keys', aReceipt({ kids: KIDS })],
    ['an automation grant without its token', without(automation(), 'jti')],
    ['an automation grant without its keys', without(automation(), 'kids')],
  ])('%s is neither made nor read', async (_name, receipt) => {
    await expect(sealReceipt(receipt, shop.mcp)).rejects.toThrow(
      `a receipt of kind ${receipt.knd} lacks what its kind needs`,
    )
    expect(verdict(await openReceipt(await sealedRow(rowOf(receipt)), shop.mcp))).toBe('payload_malformed')
  })

  test('under a key for automation alone only an automation grant opens', async () => {
    const active = { ...shop.mcp.receipt.active, state: 'ci-only' as const }
    const retired = { receipt: { ...shop.mcp.receipt, active, find: () => active } }
    for (const [receipt, expected] of [
      [aReceipt(), 'key_ci_only'],
      [automation(), 'opened'],
    ] as const) {
      const made = await sealReceipt(receipt, shop.mcp)
      expect(verdict(await openReceipt(made.ok ? made.value : '', retired))).toBe(expected)
    }
  })

  test('has as many characters as a token has room for, and not one more', async () => {
    const make = async (k: string) => {
      const made = await sealReceipt(withCredential(k), shop.mcp)
      return made.ok ? made.value : null
    }
    const most = await fitting(RECEIPT.maxChars, make)
    expect(await sealReceipt(withCredential(`${most}kk`), shop.mcp)).toEqual({
      ok: false,
      error: { reason: 'too_long', part: 'c.k', chars: expect.any(Number), maxChars: RECEIPT.maxChars },
    })
  })

  test.each<[method: unknown, why: string]>([
    ['apikey ', 'no certificate behind the blank'],
    [' apikey', 'a blank in front'],
    [`apikey ${'x'.repeat(43)} more`, 'something behind the certificate'],
    [`1apikey ${'x'.repeat(43)}`, 'a method of another form'],
    ['certificate\n', 'a line end'],
    [`apikey ${'x'.repeat(43)}\nmore`, 'a line behind the certificate'],
    [[`apikey ${'x'.repeat(43)}`], 'a list'],
    [7, 'a number'],
  ])('a method written as %j is refused (%s)', async (method) => {
    const bent = rowOf(aReceipt()).with(-2, method)
    expect(verdict(await openReceipt(await sealedRow(bent), shop.mcp))).toBe('payload_malformed')
    const good = rowOf(aReceipt()).with(-2, `apikey ${'x'.repeat(43)}`)
    expect(verdict(await openReceipt(await sealedRow(good), shop.mcp))).toBe('opened')
  })

  test.each([
    ['an object', '{"0":1}'],
    ['no JSON', '[1,'],
    ['a member twice', '{"v":1,"v":1}'],
  ])('%s where a row belongs is refused', async (_name, plaintext) => {
    const jwe = await encrypt(RECEIPT, shop.mcp.receipt.active, { plaintext: plaintext.padEnd(200) })
    expect(verdict(await openReceipt(jwe, shop.mcp))).toMatch(/malformed|duplicate/)
  })
})

describe('a root receipt', () => {
  const aRoot = (bend: Partial<RootReceipt> = {}): RootReceipt => ({
    ...without(aReceipt(), 'knd', 'max', 'jti', 'kids'),
    cid: `mxm_${'A'.repeat(22)}`,
    rid: 'Um9vdFJvb3RSb290Um9vdA',
    proof: { kind: 'secret', sha256: 's'.repeat(43) },
    ...bend,
  })

  test('comes back as it was, under the key that made it', async () => {
    const made = await sealRoot(aRoot(), shop.mcp)
    const opened = await openRoot(made.ok ? made.value : '', shop.mcp)
    expect(opened).toEqual({ ok: true, value: { root: aRoot(), kid: shop.mcp.receipt.active.kid } })
  })

  test.each(['rid', 'cid', 'proof', 'sub', 'c'] as const)(
    'without its %s it is not made, and not read',
    async (member) => {
      const broken = without(aRoot({}), member) as RootReceipt
      await expect(sealRoot({ ...broken, c: aRoot().c, [member]: undefined }, shop.mcp)).rejects.toThrow()
      const claims = { ...aRoot(), c: { ...aRoot().c, k: 'k' } }
      const plaintext = JSON.stringify(without(claims, member))
      const jwe = await encrypt(ROOT_RECEIPT, shop.mcp.receipt.active, { plaintext })
      expect(verdict(await openRoot(jwe, shop.mcp))).toBe('payload_malformed')
    },
  )

  test.each(Object.entries({ knd: 'ci', max: 1, jti: JTI, kids: KIDS }))(
    'it has no %s: that is its children’s',
    (member, value) => {
      const claims = { ...aRoot(), c: { ...aRoot().c, k: 'k' } }
      expect(rootClaims.safeParse(claims).success).toBe(true)
      expect(rootClaims.safeParse({ ...claims, [member]: value }).success).toBe(false)
    },
  )

  test('no receipt is a root, and no root is a receipt', async () => {
    const [root, receipt] = [await sealRoot(aRoot(), shop.mcp), await sealReceipt(aReceipt(), shop.mcp)]
    expect(verdict(await openRoot(receipt.ok ? receipt.value : '', shop.mcp))).toBe('header_not_exact')
    expect(verdict(await openReceipt(root.ok ? root.value : '', shop.mcp))).toBe('header_not_exact')
  })

  test('has its limit of characters, and says what made it too long', async () => {
    const withRules = (chars: number, k: string): RootReceipt =>
      aRoot({
        proof: { kind: 'keys', thumbprints: Array(4).fill('t'.repeat(43)) as string[] },
        scp: 's'.repeat(400),
        fea: 'f'.repeat(300),
        cid: aRoot().cid,
        sub: 'u'.repeat(100),
        c: { ...aRoot().c, u: `https://${'h'.repeat(chars)}.example.com/maximo`, k: new Secret(k) },
      })
    const make = (chars: number) => async (k: string) => {
      const made = await sealRoot(withRules(chars, k), shop.mcp)
      return made.ok ? made.value : null
    }
    const room = 900
    const most = await fitting(ROOT_RECEIPT.maxChars, make(room))
    expect(await sealRoot(withRules(room, `${most}kk`), shop.mcp)).toEqual({
      ok: false,
      error: { reason: 'too_long', part: 'c.u', chars: expect.any(Number), maxChars: ROOT_RECEIPT.maxChars },
    })
  })
})

describe('a wrapped credential', () => {
  test('of another form is refused to its owner', async () => {
    const owner = { sub: aWrapped().sub, env: aWrapped().env }
    const content = { ...aWrapped(), c: { ...aWrapped().c, k: 'k' } }
    const wrap = async (claims: object) =>
      encrypt(WRAPPED, shop.mcp.wrapping.active, { plaintext: JSON.stringify(claims) })
    expect(verdict(await openWrapped(await wrap(content), owner, shop.mcp))).toBe('opened')
    const other = await wrap({ ...content, ver: '1' })
    expect(verdict(await openWrapped(other, owner, shop.mcp))).toBe('payload_malformed')
  })
})

describe('the head of an audit chain', () => {
  test('has at most 1,024 bytes', async () => {
    const verifiers = await loadAuditHeadVerifiers(keyFolder(shop.dataDir, 'portal'), 'portal')
    const most = new Uint8Array(1024).fill(65)
    expect(await verifyHead(await signHead(most, shop.mcp), verifiers)).toMatchObject({
      ok: true,
      value: { content: most },
    })
    expect(() => signHead(new Uint8Array(1025), shop.mcp)).toThrow('an audit head of 1025 bytes is too long')
    expect(AUDIT_HEAD.maxChars).toBeGreaterThan(1024)
  })
})
