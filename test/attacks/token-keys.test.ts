import { checkPrimeSync, generateKeyPairSync, randomBytes, webcrypto } from 'node:crypto'
import { inspect } from 'node:util'
import { chmod, copyFile, mkdir, readFile, rm, symlink } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import {
  findWeakness,
  generateJwk,
  jwk as jwkSchema,
  publicHalf,
  type Jwk,
} from '../../src/crypto/keys/jwk.ts'
import { hasRocaFingerprint } from '../../src/crypto/keys/weak-rsa.ts'
import { loadMcpKeys } from '../../src/crypto/keys/key-ring.ts'
import { keyFolder } from '../../src/crypto/keys/ceremony.ts'
import { plantedKeys, removePlanted } from '../support/crypto/planted-keys.ts'
import { without } from '../support/crypto/token-workshop.ts'

afterAll(removePlanted)

const OWNERS = ['portal', 'mcp'] as const

test('the twin: folders as made load', async () => {
  const keys = await plantedKeys()
  expect([await keys.problems('portal'), await keys.problems('mcp')]).toEqual([[], []])
})

describe('T-15 a swapped public key stops the portal', () => {
  test('another key of the right shape, without its pin', async () => {
    const keys = await plantedKeys()
    const pins = await readFile(join(keyFolder(keys.dataDir, 'portal'), 'pins.json'), 'utf8')
    await keys.plant('portal', 'mt', publicHalf(await generateJwk('rsa')))
    await keys.write('portal', 'pins.json', pins)
    expect((await keys.problems('portal')).join()).toContain('pins.json does not name this key')
  })

  test('another key under the kid and thumbprint of the pinned one', async () => {
    const keys = await plantedKeys()
    const stranger = publicHalf(await generateJwk('rsa'))
    await keys.edit('portal', 'mt', (file) => ({ ...file, jwk: stranger }))
    expect((await keys.problems('portal')).join()).toContain('thumbprint does not match the key')
  })

  test('another signing key of the portal stops the MCP server', async () => {
    const keys = await plantedKeys()
    const stranger = publicHalf(await generateJwk('ed25519'))
    await keys.edit('mcp', 'ps', (file) => ({ ...file, jwk: stranger }))
    expect((await keys.problems('mcp')).join()).toContain('thumbprint does not match the key')
  })

  test('a thumbprint, or a kid, that is not the key’s own', async () => {
    for (const bend of [{ thumbprint: 'A'.repeat(43) }, { kid: 'mg-AAAAAAAA' }]) {
      const keys = await plantedKeys()
      await keys.edit('mcp', 'mg', (file) => ({ ...file, ...bend }))
      expect((await keys.problems('mcp')).join()).toContain('thumbprint does not match the key')
    }
  })

  test.each(['{"mt-AAAAAAAA":7}', '[]', 'null', 'x', '', '{"a":"b"}'])('pins that are %j', async (pins) => {
    const keys = await plantedKeys()
    await keys.write('portal', 'pins.json', pins)
    expect((await keys.problems('portal')).join()).toContain('pins.json')
  })
})

describe('T-16 weak and foreign keys are refused', () => {
  const rsaJwk = (bits: number, publicExponent = 65_537): Jwk =>
    jwkSchema.parse(
      generateKeyPairSync('rsa', { modulusLength: bits, publicExponent }).privateKey.export({
        format: 'jwk',
      }),
    )
  const inFull = rsaJwk(2048) as Extract<Jwk, { kty: 'RSA' }>

  test('the twin: 2048 and 3072 bits with e = 65537', () => {
    expect([findWeakness(inFull), findWeakness(rsaJwk(3072))]).toEqual([null, null])
  })

  test.each([
    [1024, 65_537],
    [1536, 65_537],
    [2056, 65_537],
    [2048, 3],
  ])('RSA of %i bits, e = %i', (bits, e) => {
    expect(findWeakness(rsaJwk(bits, e))).toMatch(/modulus of|public exponent/)
  })

  test('e = 1, e = 0, even e, e in more bytes than it needs', () => {
    for (const e of ['AQ', 'AA', 'AAE', 'Ag', 'AAEAAQ', '']) {
      expect(findWeakness({ ...inFull, e }), e).not.toBeNull()
    }
  })

  test('a modulus with leading zero bytes, a modulus of ones', () => {
    const padded = Buffer.concat([Buffer.alloc(3), Buffer.from(inFull.n, 'base64url')]).toString('base64url')
    expect(findWeakness({ ...inFull, n: padded })).toContain('leading zero')
    expect(findWeakness({ ...inFull, n: Buffer.alloc(256).toString('base64url') })).not.toBeNull()
  })

  test('ROCA: a key as the faulty library makes them', () => {
    const [p, q] = [rocaPrime(), rocaPrime()]
    const n = Buffer.from((p * q).toString(16).padStart(512, '0'), 'hex')
    const weak: Jwk = { kty: 'RSA', n: n.toString('base64url'), e: 'AQAB' }
    expect(findWeakness(weak)).toContain('ROCA')
    expect(hasRocaFingerprint(p * q)).toBe(true)
    expect(hasRocaFingerprint(BigInt(`0x${Buffer.from(inFull.n, 'base64url').toString('hex')}`))).toBe(false)
  })

  test('a private half that does not belong to the public one', async () => {
    const other = rsaJwk(2048) as Extract<Jwk, { kty: 'RSA' }>
    expect(findWeakness({ ...inFull, n: other.n })).not.toBeNull()
    expect(findWeakness({ ...inFull, ...publicHalf(other) })).not.toBeNull()
    const [left, right] = [await generateJwk('ed25519'), await generateJwk('ed25519')]
    expect(findWeakness({ ...left, ...publicHalf(right) })).toContain('do not match')
    expect(findWeakness(left)).toBeNull()
  })

  test('through the loader: short, small exponent, mismatched', async () => {
    const keys = await plantedKeys()
    await keys.plant('mcp', 'mt', rsaJwk(1024))
    expect((await keys.problems('mcp')).join()).toContain('modulus of 1024 bits')
    const others = await plantedKeys()
    await others.plant('portal', 'mt', publicHalf(rsaJwk(2048, 3)))
    expect((await others.problems('portal')).join()).toContain('public exponent')
    const mismatched = await plantedKeys()
    await mismatched.plant('mcp', 'mt', { ...inFull, ...publicHalf(rsaJwk(2048)) })
    expect((await mismatched.problems('mcp')).join()).toContain('do not match')
  })

  test.each<[string, (jwk: Jwk) => object]>([
    ['alg', (jwk) => ({ ...jwk, alg: 'RSA1_5' })],
    ['use', (jwk) => ({ ...jwk, use: 'sig' })],
    ['x5u', (jwk) => ({ ...jwk, x5u: 'https://attacker.example' })],
    ['three primes', (jwk) => ({ ...jwk, oth: [{ r: 'AA', d: 'AA', t: 'AA' }] })],
    ['padding', (jwk) => ({ ...jwk, n: `${'n' in jwk ? jwk.n : ''}=` })],
    ['another curve', (jwk) => ({ ...jwk, kty: 'EC', crv: 'P-256' })],
    ['no key at all', () => ({})],
  ])('a member too many or wrong: %s', async (_name, bend) => {
    const keys = await plantedKeys()
    await keys.edit('mcp', 'mt', (file) => ({ ...file, jwk: bend(file.jwk) }))
    expect((await keys.problems('mcp')).join()).toContain('is no key file of ours')
  })

  test('a secret that is short, and one of the wrong type for its purpose', async () => {
    const keys = await plantedKeys()
    const short = { kty: 'oct', k: randomBytes(16).toString('base64url') }
    await keys.edit('mcp', 'mg', (file) => ({ ...file, jwk: short }))
    expect((await keys.problems('mcp')).join()).toContain('is no key file of ours')
    const swapped = await plantedKeys()
    await swapped.plant('mcp', 'mg', await generateJwk('ed25519'))
    expect((await swapped.problems('mcp')).join()).toContain('another type of key')
  })

  test('two files for one kid cannot be, and a name that does not fit its content is refused', async () => {
    const keys = await plantedKeys()
    const path = await keys.path('mcp', 'mg')
    await copyFile(path, path.replace('receipt.', 'wrapping.'))
    expect((await keys.problems('mcp')).join()).toContain('do not belong together')
    const renamed = await plantedKeys()
    await renamed.edit('mcp', 'mg', (file) => ({ ...file, purpose: 'wrapping' }))
    expect((await renamed.problems('mcp')).join()).toContain('do not belong together')
  })

  test('no active key, and two', async () => {
    const none = await plantedKeys()
    await none.edit('mcp', 'mg', (file) => ({ ...file, state: 'accept' }))
    expect((await none.problems('mcp')).join()).toContain('0 active keys')
    const two = await plantedKeys()
    const second = await generateJwk('secret')
    const first = await two.read('mcp', 'mg')
    await two.plant('mcp', 'mg', second)
    await two.write('mcp', `receipt.${first.kid}.json`, JSON.stringify(first))
    expect((await two.problems('mcp')).join()).toContain('2 active keys')
  })

  test.skipIf(process.platform === 'win32').each([0o640, 0o604, 0o666, 0o700 | 0o4])(
    'a private key with mode %o',
    async (mode) => {
      const keys = await plantedKeys()
      await chmod(await keys.path('portal', 'ps'), mode)
      expect((await keys.problems('portal')).join()).toContain('can be read by others')
    },
  )

  test.skipIf(process.platform === 'win32')('a public key may be readable', async () => {
    const keys = await plantedKeys()
    await chmod(await keys.path('portal', 'mt'), 0o644)
    expect(await keys.problems('portal')).toEqual([])
  })

  test('no problem shows a value of a key', async () => {
    const keys = await plantedKeys()
    const { jwk } = await keys.read('mcp', 'mt')
    await keys.edit('mcp', 'mt', (file) => ({ ...file, jwk: { ...file.jwk, alg: 'x' } }))
    const said = (await keys.problems('mcp')).join()
    for (const value of Object.values(jwk)) if (value.length > 8) expect(said).not.toContain(value)
  })
})

describe('T-17 no private key lies where it must not', () => {
  test('the RSA private key in the portal’s folder', async () => {
    const keys = await plantedKeys()
    const stolen = await keys.read('mcp', 'mt')
    await keys.write('portal', basename(await keys.path('mcp', 'mt')), JSON.stringify(stolen))
    expect((await keys.problems('portal')).join()).toContain('the portal may hold none')
  })

  test('an RSA private key under any name, as PEM or JSON, or a link', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    for (const [name, content] of [
      ['private.pem', privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()],
      ['.hidden', privateKey.export({ format: 'pem', type: 'pkcs1' }).toString()],
      ['token-encryption.json', JSON.stringify(privateKey.export({ format: 'jwk' }))],
    ] as const) {
      const keys = await plantedKeys()
      await keys.write('portal', name, content)
      expect((await keys.problems('portal')).join()).toContain(`${name}: is no key file of ours`)
    }
    const linked = await plantedKeys()
    const path = await linked.path('mcp', 'mt')
    await symlink(path, join(keyFolder(linked.dataDir, 'portal'), basename(path).replace('.json', '.x.json')))
    expect((await linked.problems('portal')).join()).toContain('do not belong together')
  })

  test('secrets of the MCP server in the portal’s folder, and the other way round', async () => {
    for (const [from, to, prefixes] of [
      ['mcp', 'portal', ['mg', 'mw', 'ml']],
      ['portal', 'mcp', ['pc', 'pl']],
    ] as const) {
      for (const prefix of prefixes) {
        const keys = await plantedKeys()
        await copyFile(
          await keys.path(from, prefix),
          join(keyFolder(keys.dataDir, to), basename(await keys.path(from, prefix))),
        )
        expect((await keys.problems(to)).join()).toContain(`does not belong in the folder of ${to}`)
      }
    }
  })

  test('a signing key of the portal with its private half at the MCP server', async () => {
    for (const prefix of ['ps', 'pi', 'pa']) {
      const keys = await plantedKeys()
      await copyFile(await keys.path('portal', prefix), await keys.path('mcp', prefix))
      expect((await keys.problems('mcp')).join()).toContain('must hold the public half')
    }
  })

  test('a public half where the private one is needed', async () => {
    const keys = await plantedKeys()
    await keys.edit('mcp', 'mt', (file) => ({ ...file, jwk: publicHalf(file.jwk) }))
    expect((await keys.problems('mcp')).join()).toContain('must hold the private half')
  })

  test('a pre-tag key without its encryption key’s name, or an encryption key without its pre-tag key', async () => {
    const nameless = await plantedKeys()
    await nameless.edit('mcp', 'pt', (file) => without(file, 'boundTo'))
    expect((await nameless.problems('mcp')).join()).toContain('boundTo')
    const stray = await plantedKeys()
    await stray.edit('mcp', 'pt', (file) => ({ ...file, boundTo: 'mt-AAAAAAAA' }))
    expect((await stray.problems('mcp')).join()).toContain('has no pre-tag key')
  })

  test.each(OWNERS)('an empty or missing folder of %s', async (owner) => {
    const keys = await plantedKeys()
    await rm(keyFolder(keys.dataDir, owner), { recursive: true })
    expect((await keys.problems(owner)).join()).toContain('keys init')
    await mkdir(keyFolder(keys.dataDir, owner))
    expect((await keys.problems(owner)).length).toBeGreaterThan(5)
  })
})

test('loaded keys print nothing of themselves and cannot be exported', async () => {
  const planted = await plantedKeys()
  const folder = keyFolder(planted.dataDir, 'mcp')
  const keys = await loadMcpKeys(folder)
  const printed = inspect(keys, { depth: 9, showHidden: true }) + JSON.stringify(keys)
  for (const prefix of ['mt', 'mg', 'mw', 'pt', 'ml', 'ma']) {
    const { jwk } = await planted.read('mcp', prefix)
    const secret = 'd' in jwk ? jwk.d : 'k' in jwk ? jwk.k : ''
    expect(secret.length).toBeGreaterThan(40)
    expect(printed).not.toContain(secret)
    expect(printed).not.toContain(Buffer.from(secret, 'base64url').toString('hex').slice(0, 16))
  }
  const material = keys.tokenEncryption.active.material as webcrypto.CryptoKey
  await expect(webcrypto.subtle.exportKey('jwk', material)).rejects.toThrow(/extractable/)
})

/** A prime of 1024 bits of the form k·M + (65537^a mod M), M the product of the first 126 primes. */
function rocaPrime(): bigint {
  const primes = Array.from({ length: 710 }, (_, index) => index)
    .filter(isSmallPrime)
    .slice(0, 126)
  const m = primes.reduce((product, prime) => product * BigInt(prime), 1n)
  const residue = power(65_537n, BigInt(`0x${randomBytes(8).toString('hex')}`), m)
  const first = (3n << 1022n) / m // the top two bits set, so that the product of two has 2048 bits
  for (let k = first + 1n; ; k += 1n) {
    const candidate = k * m + residue
    if (checkPrimeSync(candidate)) return candidate
  }
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n
  for (let [square, left] = [base % modulus, exponent]; left > 0n; left >>= 1n) {
    if ((left & 1n) === 1n) result = (result * square) % modulus
    square = (square * square) % modulus
  }
  return result
}

const isSmallPrime = (value: number): boolean =>
  value > 1 &&
  Array.from({ length: value - 2 }, (_, index) => index + 2).every((factor) => value % factor !== 0)
