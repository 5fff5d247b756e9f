import { generateKeyPairSync, sign as signWith } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { claimRules, meetsRules, namesSomebody, type ClaimRule } from '../../../src/crypto/claim-rules.ts'
import { readForeignKeys, type ForeignKeys } from '../../../src/crypto/foreign-keys.ts'
import { CLIENT_SECRET_FEATURE, isMachineClient } from '../../../src/crypto/machine-proof.ts'
import { readWorkloadClaims, verifyWorkload } from '../../../src/crypto/workload-assertion.ts'
import { loadWorkloadIssuers } from '../../../src/crypto/workload-issuers.ts'
import { ConfigError } from '../../../src/kernel/env.ts'
import { manualClock } from '../../support/clock.ts'
import { forgeJws } from '../../support/crypto/token-forge.ts'
import { verdict } from '../../support/crypto/token-workshop.ts'

const clock = manualClock()
const nowS = Math.floor(clock.nowMs() / 1000)
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const sign = (input: Buffer) => signWith('sha256', input, { key: pair.privateKey, dsaEncoding: 'ieee-p1363' })
const rule = (value: string, match: ClaimRule['match'] = 'exact', claim = 'repository'): ClaimRule => ({
  ...{ claim, match, value },
})

const header = { alg: 'ES256', kid: 'k', typ: 'JWT' }
const claims = {
  ...{ iss: 'https://issuer.example', aud: 'https://portal.example/oauth/token', jti: 'j' },
  ...{ iat: nowS, exp: nowS + 300, repository: 'org/app' },
}
const options = {
  issuer: claims.iss,
  audience: claims.aud,
  rules: [rule('org/app')],
  algorithms: ['ES256'] as const,
  clock,
}

let keys: ForeignKeys
beforeAll(async () => {
  const jwks = [
    { ...pair.publicKey.export({ format: 'jwk' }), kid: 'k' },
    { ...rsa.publicKey.export({ format: 'jwk' }), kid: 'r' },
  ]
  const read = await readForeignKeys({ keys: jwks })
  if (!read.ok) throw new Error(read.error)
  keys = read.value
})

describe('the token of a workload', () => {
  const verify = (bend: object = {}, headerBend: object = {}) =>
    verifyWorkload(forgeJws({ ...header, ...headerBend }, { ...claims, ...bend }, sign), keys, options)

  test('proves its id and its end, and nothing else of it is passed on', async () => {
    expect(await verify({ nbf: nowS, more: 'x' })).toEqual({ ok: true, value: { jti: 'j', exp: nowS + 300 } })
  })

  test.each<[string, object, string]>([
    ['ended 29 s ago', { exp: nowS - 29 }, 'opened'],
    ['ended 30 s ago', { exp: nowS - 30 }, 'expired'],
    ['a day and 30 s of life', { exp: nowS + 86_430 }, 'opened'],
    ['a day and 31 s of life', { exp: nowS + 86_431 }, 'lifetime_too_long'],
    ['issued in 30 s', { iat: nowS + 30 }, 'opened'],
    ['issued in 31 s', { iat: nowS + 31 }, 'issued_in_future'],
    ['valid from in 30 s', { nbf: nowS + 30 }, 'opened'],
    ['valid from in 31 s', { nbf: nowS + 31 }, 'issued_in_future'],
    ['an hour and 30 s old', { iat: nowS - 3_630 }, 'opened'],
    ['an hour and 31 s old', { iat: nowS - 3_631 }, 'stale'],
    ['of another issuer', { iss: 'https://issuer.example/' }, 'issuer_wrong'],
    ['for another audience', { aud: 'https://portal.example' }, 'audience_wrong'],
    ['that says something else', { repository: 'org/other' }, 'rules_not_met'],
    ['an id of one character', { jti: 'x' }, 'opened'],
    ['an id of 255 characters', { jti: 'x'.repeat(255) }, 'opened'],
    ['an id of 256 characters', { jti: 'x'.repeat(256) }, 'payload_malformed'],
    ['an empty id', { jti: '' }, 'payload_malformed'],
    ['a start that is text', { nbf: '1' }, 'payload_malformed'],
    ['a beginning at zero', { iat: 0 }, 'payload_malformed'],
    ['an end at zero', { exp: 0 }, 'payload_malformed'],
  ])('%s', async (_name, bend, expected) => {
    expect(verdict(await verify(bend))).toBe(expected)
  })

  test.each<[string, object, string]>([
    ['no typ', { typ: undefined }, 'opened'],
    ['a label of its certificate', { x5t: 'x' }, 'opened'],
    ['the typ of an access token', { typ: 'at+jwt' }, 'header_not_exact'],
    ['an algorithm that is not allowed', { alg: 'RS256', kid: 'r' }, 'header_not_exact'],
    ['a certificate', { x5c: ['x'] }, 'header_not_exact'],
  ])('with %s in its header', async (_name, bend, expected) => {
    expect(verdict(await verify({}, bend))).toBe(expected)
  })

  test('too long to be read at all', async () => {
    expect(verdict(await verify({ pad: 'x'.repeat(6144) }))).toBe('length_out_of_range')
  })
})

describe('what a workload says of itself', () => {
  const token = forgeJws(header, claims, sign)

  test('is its claims', () => {
    expect(readWorkloadClaims(token)).toEqual(claims)
  })

  const padded = (chars: number): string => `${token}${'A'.repeat(chars - token.length)}`
  test.each([
    ['four parts', `${token}.x`, false],
    ['one part', 'x', false],
    ['two parts', token.split('.').slice(0, 2).join('.'), true],
    ['no JSON', 'a.b.c', false],
    ['a list', forgeJws(header, '[1]', sign), false],
    ['a claim twice', forgeJws(header, '{"iss":"a","iss":"b"}', sign), false],
    ['6,144 characters', padded(6144), true],
    ['6,145 characters', padded(6145), false],
  ])('%s', (_name, text, isRead) => {
    expect(readWorkloadClaims(text) !== null).toBe(isRead)
  })
})

describe('rules', () => {
  test.each<[string, ClaimRule[], Record<string, unknown>, boolean]>([
    ['none', [], { repository: 'org/app' }, false],
    ['one, met', [rule('org/app')], { repository: 'org/app' }, true],
    ['one that only begins so', [rule('org/app')], { repository: 'org/app2' }, false],
    ['a prefix', [rule('org/', 'prefix')], { repository: 'org/app' }, true],
    ['a prefix further in', [rule('org/', 'prefix')], { repository: 'x/org/' }, false],
    [
      'two, one of them met',
      [rule('org/app'), rule('main', 'exact', 'ref')],
      { repository: 'org/app' },
      false,
    ],
    ['one, about what is no text', [rule('1')], { repository: 1 }, false],
    [
      'one, about an inherited text',
      [rule('x', 'exact', 'inherited')],
      Object.create({ inherited: 'x' }),
      false,
    ],
    ['one, about what every object has', [rule('x', 'exact', 'constructor')], {}, false],
  ])('%s', (_name, rules, said, expected) => {
    expect(meetsRules(said, rules)).toBe(expected)
  })

  test.each<[string, ClaimRule[], boolean]>([
    ['an owner by name', [rule('org', 'exact', 'repository_owner')], true],
    ['a branch', [rule('main', 'exact', 'ref')], false],
    [
      'a branch, and an owner',
      [rule('main', 'exact', 'ref'), rule('org', 'exact', 'repository_owner')],
      true,
    ],
    ['an owner’s subjects', [rule('repo:org/', 'prefix', 'sub')], true],
    ['every subject', [rule('repo:', 'prefix', 'sub')], false],
    ['every subject, with more borders', [rule('repo:/:', 'prefix', 'sub')], false],
    ['a whole subject', [rule('x', 'exact', 'sub')], true],
    ['an owner’s repositories', [rule('org/', 'prefix', 'repository_owner')], true],
    ['a border alone', [rule('/', 'prefix', 'repository_owner')], false],
  ])('that name %s', (_name, rules, expected) => {
    expect(namesSomebody(rules, ['sub', 'repository_owner'])).toBe(expected)
  })

  test('a prefix ends at a border, a whole value anywhere; one to six', () => {
    const takes = (rules: unknown): boolean => claimRules.safeParse(rules).success
    expect(['org/', 'org:', 'org', 'a/b'].map((value) => takes([rule(value, 'prefix')]))).toEqual([
      ...[true, true, false, false],
    ])
    expect([0, 1, 6, 7].map((count) => takes(Array(count).fill(rule('x'))))).toEqual([
      ...[false, true, true, false],
    ])
    expect(claimRules.safeParse([rule('org', 'prefix')]).error?.issues[0]?.path).toEqual([0, 'value'])
  })

  test('a machine client’s id says that it is one', () => {
    expect([`mxm_${'A'.repeat(22)}`, `mxc_${'A'.repeat(22)}`, ''].map(isMachineClient)).toEqual([
      ...[true, false, false],
    ])
    expect(CLIENT_SECRET_FEATURE).toBe('client_secrets')
  })
})

describe('the operator’s issuers', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mx-issuers-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const load = (content: unknown) => {
    const path = join(folder, 'issuers.json')
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
    return loadWorkloadIssuers(path)
  }
  const ISSUER = 'https://issuer.example'
  const one = (bend: object) => ({ issuers: [{ issuer: ISSUER, ...bend }] })
  const refusal = (content: unknown): string => {
    try {
      load(content)
    } catch (error) {
      if (error instanceof ConfigError) return error.problems.join('\n')
      throw error
    }
    return 'taken'
  }

  test('are trusted for RS256 and by claims of their owners, where the file says no more', () => {
    expect(load(one({}))).toEqual([
      {
        ...{ issuer: ISSUER, algorithms: ['RS256'], allow_cidrs: [] },
        identity_claims: [
          ...['sub', 'repository', 'repository_id', 'repository_owner', 'repository_owner_id'],
          ...['project_id', 'project_path', 'namespace_id', 'namespace_path'],
        ],
      },
    ])
    expect(loadWorkloadIssuers(undefined)).toEqual([])
  })

  test.each<[string, object]>([
    ['a name', { name: 'x'.repeat(60) }],
    ['itself over http', { issuer: 'http://issuer.example' }],
    ['keys over http', { jwks_uri: 'http://10.0.0.1/jwks' }],
    ['several algorithms', { algorithms: ['ES256', 'RS256'] }],
    ['a claim of its own', { identity_claims: ['x'.repeat(60)] }],
    ['private networks', { allow_cidrs: ['10.0.0.0/8', 'fd00::/8'] }],
  ])('with %s', (_name, bend) => {
    expect(load(one(bend))).toMatchObject([bend])
  })

  const LONG = `${ISSUER}/${'x'.repeat(500)}`
  test.each<[string, unknown, string]>([
    ['no JSON', 'issuers:', 'the file cannot be read, or is not JSON'],
    ['no list', {}, 'issuers:'],
    ['an issuer twice', { issuers: [{ issuer: ISSUER }, { issuer: ISSUER }] }, ': names an issuer twice'],
    [
      '51 issuers',
      { issuers: Array.from({ length: 51 }, (_, at) => ({ issuer: `${ISSUER}/${at}` })) },
      'issuers:',
    ],
    ['an issuer that is no web address', { issuers: [{ issuer: 'urn:x' }] }, 'issuers.0.issuer:'],
    ['an issuer of some other scheme', { issuers: [{ issuer: 'xhttps://a.example' }] }, 'issuers.0.issuer:'],
    [
      'an issuer of a scheme that begins so',
      { issuers: [{ issuer: 'httpss://a.example' }] },
      'issuers.0.issuer:',
    ],
    ['an endless issuer', { issuers: [{ issuer: LONG }] }, 'issuers.0.issuer:'],
    ['an empty name', one({ name: '' }), 'issuers.0.name:'],
    ['an endless name', one({ name: 'x'.repeat(61) }), 'issuers.0.name:'],
    ['keys in a file', one({ jwks_uri: 'file:///etc/keys' }), 'issuers.0.jwks_uri:'],
    ['keys of a scheme that begins so', one({ jwks_uri: 'httpx://a.example' }), 'issuers.0.jwks_uri:'],
    ['keys of a scheme that ends so', one({ jwks_uri: 'xhttp://a.example' }), 'issuers.0.jwks_uri:'],
    ['an endless address of keys', one({ jwks_uri: LONG }), 'issuers.0.jwks_uri:'],
    ['no algorithm', one({ algorithms: [] }), 'issuers.0.algorithms:'],
    ['a shared secret', one({ algorithms: ['HS256'] }), 'issuers.0.algorithms.0:'],
    ['no identity', one({ identity_claims: [] }), 'issuers.0.identity_claims:'],
    ['a claim inside a claim', one({ identity_claims: ['a.b'] }), 'issuers.0.identity_claims.0:'],
    ['a claim with a blank', one({ identity_claims: [' a'] }), 'issuers.0.identity_claims.0:'],
    ['no network', one({ allow_cidrs: ['10.0.0.1'] }), 'issuers.0.allow_cidrs.0:'],
    ['a member that means nothing', one({ audience: 'x' }), 'issuers.0:'],
    ['a member beside the list', { issuers: [], more: 1 }, 'WORKLOAD_ISSUERS_FILE'],
  ])('with %s: the start stops and says where', (_name, content, expected) => {
    const said = refusal(content)
    expect(said).toMatch(/^WORKLOAD_ISSUERS_FILE: /)
    expect(said).toContain(expected)
  })

  test('fifty are taken, and an issuer of 255 characters', () => {
    const longest = `${ISSUER}/${'x'.repeat(254 - ISSUER.length)}`
    const fifty = Array.from({ length: 49 }, (_, at) => ({ issuer: `${ISSUER}/${at}` }))
    expect(load({ issuers: [...fifty, { issuer: longest }] })).toHaveLength(50)
    expect(refusal({ issuers: [{ issuer: `${longest}x` }] })).toContain('issuers.0.issuer:')
    expect(refusal('/nowhere')).toContain('the file cannot be read, or is not JSON')
  })
})
