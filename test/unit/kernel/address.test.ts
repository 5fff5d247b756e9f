import { describe, expect, test } from 'vitest'
import { addressWithin, canonicalNetwork } from '../../../src/kernel/address.ts'

describe('a network is written one way', () => {
  test.each([
    ['10.1.2.3/8', '10.0.0.0/8'],
    ['203.0.113.7', '203.0.113.7/32'],
    ['2001:DB8::1/32', '2001:db8::/32'],
    ['2001:db8:0:0:0:0:0:7', '2001:db8::7/128'],
    ['0.0.0.0/1', '0.0.0.0/1'],
  ])('%s is %s', (text, network) => {
    expect(canonicalNetwork(text)).toBe(network)
    expect(canonicalNetwork(network)).toBe(network)
  })

  test.each([
    '',
    'localhost',
    '10.1/16',
    '0x7f.0.0.1',
    '0177.0.0.1',
    '256.0.0.1',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '0.0.0.0/0',
    '::/0',
    'fe80::1%eth0',
    '::ffff:10.0.0.1',
    '::ffff:10.0.0.0/104',
    ' 10.0.0.1',
    '2001:db8::/129',
  ])('%j is none', (text) => {
    expect(canonicalNetwork(text)).toBeNull()
  })

  test('an IPv4 address that arrives in IPv6 clothes lies in its IPv4 network', () => {
    expect(addressWithin('::ffff:10.1.2.3', ['10.0.0.0/8'])).toBe(true)
    expect(addressWithin('11.1.2.3', ['10.0.0.0/8'])).toBe(false)
  })
})
