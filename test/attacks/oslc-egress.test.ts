import type { LookupFunction } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { addressPolicy } from '../../src/kernel/egress/address.ts'
import { EgressRefused, guardedConnector } from '../../src/kernel/egress/connector.ts'
import { openEgress } from '../../src/maximo/egress/egress.ts'
import type { EgressRules } from '../../src/maximo/egress/rules.ts'
import { checkBaseUrl } from '../../src/maximo/egress/rules.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { clientFor, scriptedMaximo, sendJson } from '../unit/maximo/support/scripted-maximo.ts'

const PRODUCTION: EgressRules = { allowCidrs: [], allowLoopbackHttp: false }
const ON_PREMISES = { allowCidrs: ['10.0.0.0/8', 'fd12:3456::/32'], allowLoopbackHttp: false }
const DEVELOPMENT = { allowCidrs: [], allowLoopbackHttp: true }

const hrefOf = (text: string, rules = PRODUCTION) => {
  const checked = checkBaseUrl(text, rules)
  return checked.ok ? checked.value.href : checked.error.reason
}

describe('the address of an environment', () => {
  test.each([
    ['https://maximo.example.com/maximo', 'https://maximo.example.com/maximo'],
    [' https://Maximo.Example.COM/maximo/ ', 'https://maximo.example.com/maximo'],
    ['https://maximo.example.com', 'https://maximo.example.com/maximo'],
    ['https://maximo.example.com:443/maximo', 'https://maximo.example.com/maximo'],
    ['https://maximo.example.com:9443/maximo/oslc', 'https://maximo.example.com:9443/maximo'],
    ['https://masdev.manage.example.com/maximo/api/', 'https://masdev.manage.example.com/maximo'],
    ['HTTPS://maximo.example.com/a/b_c/d-e', 'https://maximo.example.com/a/b_c/d-e'],
  ])('%s is taken', (text, href) => {
    expect(hrefOf(text)).toBe(href)
  })

  test.each([
    ['http', 'http://maximo.example.com/maximo', 'scheme'],
    ['another scheme', 'ftp://maximo.example.com/maximo', 'not_a_url'],
    ['javascript', 'javascript:alert(1)', 'not_a_url'],
    ['a file', 'file:///etc/passwd', 'not_a_url'],
    ['no scheme', 'maximo.example.com/maximo', 'not_a_url'],
    ['no authority', 'https:/maximo', 'not_a_url'],
    ['nothing', '', 'not_a_url'],
    ['a user name', 'https://admin@maximo.example.com/maximo', 'userinfo'],
    ['a password', 'https://a:b@maximo.example.com/maximo', 'userinfo'],
    ['an empty user name', 'https://@maximo.example.com/maximo', 'userinfo'],
    ['a host hidden before @', 'https://maximo.example.com@evil.test/maximo', 'userinfo'],
    ['a backslash', 'https://maximo.example.com\\@evil.test/maximo', 'not_a_url'],
    ['a query', 'https://maximo.example.com/maximo?x=1', 'query_or_fragment'],
    ['an empty query', 'https://maximo.example.com/maximo?', 'query_or_fragment'],
    ['a fragment', 'https://maximo.example.com/maximo#x', 'query_or_fragment'],
    ['a path upwards', 'https://maximo.example.com/maximo/../admin', 'path'],
    ['an encoded path upwards', 'https://maximo.example.com/%2e%2e/admin', 'path'],
    ['a path parameter', 'https://maximo.example.com/maximo;jsessionid=1', 'path'],
    ['an empty segment', 'https://maximo.example.com//evil.test/maximo', 'path'],
    ['a deep path', 'https://maximo.example.com/a/b/c/d', 'path'],
    ['a line break', 'https://maximo.example.com/max\nimo', 'not_a_url'],
    ['a tab in the host', 'https://maximo.exa\tmple.com/maximo', 'not_a_url'],
    ['a trailing dot', 'https://maximo.example.com./maximo', 'host'],
    ['localhost with a dot', 'https://localhost./maximo', 'host'],
    ['one label', 'https://maximo/maximo', 'host'],
    ['an underscore', 'https://maximo_1.example.com/maximo', 'host'],
    ['a homograph', 'https://mаximo.example.com/maximo', 'host'],
    ['punycode', 'https://xn--mximo-3ve.example.com/maximo', 'host'],
    ['fullwidth letters', 'https://ｍaximo.example.com/maximo', 'host'],
    ['localhost', 'https://localhost/maximo', 'address_not_allowed'],
    ['loopback', 'https://127.0.0.1/maximo', 'address_not_allowed'],
    ['loopback as one number', 'https://2130706433/maximo', 'host'],
    ['loopback in octal', 'https://0177.0.0.1/maximo', 'host'],
    ['loopback in hex', 'https://0x7f.1/maximo', 'host'],
    ['loopback in IPv6', 'https://[::1]/maximo', 'address_not_allowed'],
    ['loopback mapped into IPv6', 'https://[::ffff:127.0.0.1]/maximo', 'host'],
    ['loopback mapped, as the URL has it', 'https://[::ffff:7f00:1]/maximo', 'address_not_allowed'],
    ['the metadata service', 'https://169.254.169.254/maximo', 'address_not_allowed'],
    ['the metadata service in IPv6', 'https://[fd00:ec2::254]/maximo', 'address_not_allowed'],
    ['a private network', 'https://10.1.2.3/maximo', 'address_not_allowed'],
    ['carrier-grade NAT', 'https://100.64.0.1/maximo', 'address_not_allowed'],
    ['this network', 'https://0.0.0.0/maximo', 'address_not_allowed'],
    ['broadcast', 'https://255.255.255.255/maximo', 'address_not_allowed'],
    ['a public literal', 'https://93.184.216.34/maximo', 'host'],
    ['SSH', 'https://maximo.example.com:22/maximo', 'port'],
    ['SMTP', 'https://maximo.example.com:25/maximo', 'port'],
    ['Redis', 'https://maximo.example.com:6379/maximo', 'port'],
    ['PostgreSQL', 'https://maximo.example.com:5432/maximo', 'port'],
    ['port 0', 'https://maximo.example.com:0/maximo', 'port'],
    ['plain http on loopback', 'http://127.0.0.1:8083/maximo', 'address_not_allowed'],
  ])('%s', (_name, text, expected) => {
    expect(hrefOf(text)).toBe(expected)
  })

  test.each([
    [
      'a literal inside a named range',
      'https://10.1.2.3:9443/maximo',
      ON_PREMISES,
      'https://10.1.2.3:9443/maximo',
    ],
    ['the same in disguise', 'https://167838211:9443/maximo', ON_PREMISES, 'host'],
    ['one outside it', 'https://192.168.1.1/maximo', ON_PREMISES, 'address_not_allowed'],
    [
      'IPv6 inside a named range',
      'https://[fd12:3456::1]/maximo',
      ON_PREMISES,
      'https://[fd12:3456::1]/maximo',
    ],
    ['http inside a named range', 'http://10.1.2.3/maximo', ON_PREMISES, 'scheme'],
    ['loopback in development', 'http://127.0.0.1:8083/maximo', DEVELOPMENT, 'http://127.0.0.1:8083/maximo'],
    ['localhost in development', 'http://localhost:8083/maximo', DEVELOPMENT, 'http://localhost:8083/maximo'],
    ['elsewhere in development', 'http://maximo.example.com/maximo', DEVELOPMENT, 'scheme'],
    [
      'a private network in development',
      'http://192.168.1.1:8083/maximo',
      DEVELOPMENT,
      'address_not_allowed',
    ],
    ['a system port in development', 'http://127.0.0.1:22/maximo', DEVELOPMENT, 'port'],
  ])('%s', (_name, text, rules, expected) => {
    expect(hrefOf(text, rules)).toBe(expected)
  })

  test('whatever is typed, what is taken names the host that was typed', () => {
    const parts = fc.constantFrom(
      'https://',
      'http://',
      'maximo.example.com',
      '127.0.0.1',
      '@',
      ':',
      '/',
      '\\',
      '#',
      '?',
      '.',
      '..',
      '%2e',
      '[::1]',
      '0x7f',
      '：',
      '。',
      '\t',
      'evil.test',
      '/maximo',
      '443',
      '22',
    )
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 8 }), (pieces) => {
        const text = pieces.join('')
        const checked = checkBaseUrl(text, PRODUCTION)
        if (!checked.ok) return
        const url = new URL(checked.value.href)
        expect(url.protocol).toBe('https:')
        expect(url.username + url.password + url.search + url.hash).toBe('')
        expect(url.href).toBe(checked.value.href)
        expect(text.toLowerCase()).toContain(url.hostname)
      }),
      { numRuns: 3000 },
    )
  })

  test('a range that is none stops the process, not the guard', () => {
    for (const allowCidrs of [['10.0.0.0'], ['10.0.0.0/33'], ['all'], ['']])
      expect(() => openEgress({ ...PRODUCTION, allowCidrs, clock: systemClock })).toThrow(RangeError)
  })
})

describe('addresses that a name or a socket may have', () => {
  const policy = addressPolicy({ allowCidrs: ON_PREMISES.allowCidrs, allowLoopback: false })
  test.each(['93.184.216.34', '2606:2800:220:1::1', '10.1.2.3', 'fd12:3456::9', '::ffff:10.1.2.3'])(
    '%s',
    (address) => {
      expect(policy(address)).toBe(true)
    },
  )
  test.each([
    '127.0.0.1',
    '::1',
    '::ffff:127.0.0.1',
    '::7f00:1',
    '0.0.0.0',
    '::',
    '169.254.169.254',
    'fe80::1',
    'fd00:ec2::254',
    'fec0::1',
    '192.168.1.1',
    '172.16.0.1',
    '100.64.0.1',
    '198.18.0.1',
    '192.0.2.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '2001::1',
    'ff02::1',
    '168.63.129.16',
    '',
    'localhost',
  ])('not %s', (address) => {
    expect(policy(address)).toBe(false)
  })
})

describe('at the socket', () => {
  const toLoopback: LookupFunction = (_name, _options, callback) => {
    callback(null, [{ address: '127.0.0.1', family: 4 }])
  }
  const policyOf =
    (...answers: boolean[]) =>
    () =>
      answers.shift() ?? false

  test('an address literal, which no lookup ever sees, is refused when the client is made', () => {
    expect(() => clientFor('https://127.0.0.1:9443/maximo', { egress: PRODUCTION })).toThrow(
      expect.objectContaining({ kind: 'egress_refused', detail: 'address_not_allowed' }),
    )
  })

  test.each([
    ['a literal that no lookup sees', '127.0.0.1', () => false, 0],
    ['a name whose socket ends elsewhere than it resolved to', 'x.localhost', policyOf(true, false), 1],
  ])('%s is refused by the connector itself', async (_name, hostname, policy, connections) => {
    const maximo = await scriptedMaximo((_, response) => sendJson(response, {}))
    const connect = guardedConnector({ policy, connectMs: 500, ca: [], lookup: toLoopback })
    const error = await new Promise((resolve) => {
      connect({ hostname, protocol: 'http:', port: String(maximo.port) }, (...result) => resolve(result[0]))
    })
    expect(error).toBeInstanceOf(EgressRefused)
    await vi.waitFor(() => expect(maximo.connections()).toBe(connections))
    expect(maximo.seen).toHaveLength(0)
  })

  test.each(['key\r\nx: y', 'key\u0000', 'kéy', '', 'a b', 'x'.repeat(2049)])(
    'the key %j never becomes a header',
    (credential) => {
      expect(() => clientFor('https://maximo.example.com/maximo', { credential })).toThrow(
        expect.objectContaining({ kind: 'credentials_rejected' }),
      )
    },
  )

  test('a correlation id that is not ours never becomes a header', async () => {
    const maximo = await scriptedMaximo((_, response) => sendJson(response, {}))
    const call = { signal: new AbortController().signal, correlationId: 'a\r\nx: y' }
    await expect((async () => clientFor(maximo.baseUrl).whoAmI(call))()).rejects.toThrow('correlation')
    expect(maximo.seen).toHaveLength(0)
  })
})
