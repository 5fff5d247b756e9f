import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RECEIPT } from '../../../src/crypto/formats.ts'
import { encrypt } from '../../../src/crypto/jose.ts'
import { openReceipt, sealReceipt } from '../../../src/crypto/receipt.ts'
import {
  addressRanges,
  AUTOMATION_FEATURE,
  fixedPreset,
  isObjectName,
  objectsAsked,
  objectsFixed,
  readObjects,
  readRisk,
  RISK_CODES,
  riskCode,
  RISKS,
  writeRules,
} from '../../../src/crypto/restrictions.ts'
import { aReceipt, openWorkshop, verdict, type Workshop } from '../../support/crypto/token-workshop.ts'

describe('object rules are written one way', () => {
  test('a preset with its version, or the owner’s own', () => {
    expect(readObjects('@erp-readonly.12')).toEqual({ kind: 'preset', preset: 'erp-readonly', version: 12 })
    const rules = [
      { object: 'MXAPIPO', access: 'r' },
      { object: 'MY_OBJECT2', access: 'rw' },
    ] as const
    expect(readObjects(writeRules(rules))).toEqual({ kind: 'own', rules })
  })

  test('the name of an object, of a preset as fixed, and of the feature are what is on record', () => {
    expect([isObjectName('MXAPI_PO2'), isObjectName('MXAPIPO:r'), isObjectName('mxapipo')]).toEqual([
      true,
      false,
      false,
    ])
    expect(fixedPreset('mobile', 3)).toBe('@mobile.3')
    expect(AUTOMATION_FEATURE).toBe('automation')
  })

  test.each([
    ['MXAPIPO:r', true],
    ['MXAPIPO:w', true],
    [Array.from({ length: 8 }, () => 'A:rw').join(' '), true],
    [Array.from({ length: 9 }, () => 'A:r').join(' '), false],
    [`${'A'.repeat(60)}:r`, true],
    [`${'A'.repeat(61)}:r`, false],
    ['MXAPIPO', false],
    ['mxapipo:r', false],
    ['MXAPIPO:x', false],
    ['MXAPIPO:r ', false],
    ['MXAPIPO:r  MXAPIPR:r', false],
    ['*:r', false],
    ['', false],
  ])('%s: %s', (code, isFine) => {
    expect([objectsAsked.safeParse(code).success, objectsFixed.safeParse(code).success]).toEqual([
      isFine,
      isFine,
    ])
  })

  test('a preset is asked for by name and fixed with its version', () => {
    expect(objectsAsked.safeParse('mobile').success).toBe(true)
    expect(objectsAsked.safeParse('@mobile.1').success).toBe(false)
    expect(objectsFixed.safeParse('@mobile.1').success).toBe(true)
    for (const wrong of ['mobile', '@mobile', '@mobile.0', '@mobile.1000', '@nobody.1'])
      expect(objectsFixed.safeParse(wrong).success).toBe(false)
  })

  test('four networks are enough, five too many', () => {
    const network = '2001:db8::/32'
    expect(addressRanges.safeParse(Array(4).fill(network).join(' ')).success).toBe(true)
    expect(addressRanges.safeParse(Array(5).fill(network).join(' ')).success).toBe(false)
    expect(addressRanges.safeParse('10.0.0.1').success).toBe(false)
  })

  test('every risk class has a code of its own, and low none', () => {
    expect(RISKS.map((one) => readRisk(RISK_CODES[one]))).toEqual(RISKS)
    expect(RISK_CODES).toEqual({ low: undefined, medium: 'm', high: 'h' })
    expect(['m', 'h', 'l', ''].map((one) => riskCode.safeParse(one).success)).toEqual([
      true,
      true,
      false,
      false,
    ])
  })
})

describe('a receipt with restrictions', () => {
  let shop: Workshop
  beforeAll(async () => {
    shop = await openWorkshop()
  })
  afterAll(() => shop.close())

  const receipt = (bend = {}) => aReceipt({ obj: '@reporting.1', rsk: 'h', net: '10.0.0.0/8', ...bend })
  const sealedRow = (row: readonly unknown[]) =>
    encrypt(RECEIPT, shop.mcp.receipt.active, { plaintext: JSON.stringify(row) })
  /** The row as the first version wrote it: 16 columns, then the credential. */
  const firstRow = (): unknown[] => {
    const { c, ...claims } = aReceipt()
    const { v, sub, sid, env, ver, cid, scp, knd, gid, prf, pla, fea, at, max } = claims
    const columns = [v, sub, sid, env, ver, cid, scp, knd, gid, prf, pla, fea, at, max, null, null]
    return [...columns, c.u, c.a, c.k.reveal()]
  }

  test('comes back as it was', async () => {
    const made = await sealReceipt(receipt(), shop.mcp)
    const opened = await openReceipt(made.ok ? made.value : '', shop.mcp)
    expect(opened).toMatchObject({
      ok: true,
      value: { receipt: { obj: '@reporting.1', rsk: 'h', net: '10.0.0.0/8' } },
    })
  })

  test('one of before they existed opens as one without, and is still written as it was', async () => {
    const opened = await openReceipt(await sealedRow(firstRow()), shop.mcp)
    expect(opened.ok && opened.value.receipt).toMatchObject({ cid: aReceipt().cid })
    expect(opened.ok && 'obj' in opened.value.receipt).toBe(false)
    const now = await sealReceipt(aReceipt(), shop.mcp)
    expect(now.ok && now.value.length).toBe((await sealedRow(firstRow())).length)
  })

  test('a row with a column too few, too many, or one that is not ours is refused', async () => {
    const row = firstRow()
    const bends: (readonly unknown[])[] = [
      row.slice(1),
      [...row.slice(0, 16), null, null, null, null, ...row.slice(16)],
      [...row.slice(0, 16), '*', ...row.slice(16)],
      [...row.slice(0, 16), '@reporting.1', 'l', ...row.slice(16)],
      [...row.slice(0, 16), null, null, '10.0.0.0', ...row.slice(16)],
    ]
    for (const bent of bends)
      expect(verdict(await openReceipt(await sealedRow(bent), shop.mcp))).toBe('payload_malformed')
    const whole = [...row.slice(0, 16), null, null, '10.0.0.0/8', ...row.slice(16)]
    expect(verdict(await openReceipt(await sealedRow(whole), shop.mcp))).toBe('opened')
  })
})
