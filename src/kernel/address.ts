import ipaddr from 'ipaddr.js'

const V6_PREFIX_BITS = 64
const V4_NETWORK_BITS = 24
const V6_NETWORK_BITS = 48

/**
 * The part of an address that one subscriber controls: an IPv4 address whole, an IPv6 address by its /64. Limits that
 * count strangers use it, so that one machine cannot spread over its own prefix.
 */
export function addressPrefix(address: string): string {
  if (!ipaddr.isValid(address)) return 'unknown'
  const parsed = ipaddr.process(address)
  return parsed.kind() === 'ipv4' ? parsed.toString() : firstBits(parsed, V6_PREFIX_BITS)
}

/** The network of one site or provider's region: an IPv4 address by its /24, an IPv6 address by its /48. */
export function addressNetwork(address: string): string {
  if (!ipaddr.isValid(address)) return 'unknown'
  const parsed = ipaddr.process(address)
  return firstBits(parsed, parsed.kind() === 'ipv4' ? V4_NETWORK_BITS : V6_NETWORK_BITS)
}

function firstBits(address: ipaddr.IPv4 | ipaddr.IPv6, bits: number): string {
  const bytes = address.toByteArray().map((byte, index) => (index < bits / 8 ? byte : 0))
  return `${ipaddr.fromByteArray(bytes).toString()}/${bits}`
}

/** Whether an address lies in one of the networks (CIDR or single address). Unreadable addresses lie in none. */
export function addressWithin(address: string, networks: readonly string[]): boolean {
  if (!ipaddr.isValid(address)) return false
  const parsed = ipaddr.process(address)
  return networks.some((network) => {
    const [base, bits] = ipaddr.parseCIDR(network.includes('/') ? network : singleHost(network))
    return base.kind() === parsed.kind() && parsed.match(base, bits)
  })
}

/**
 * A network as we write it: `10.0.0.0/8`, `2001:db8::/32`; a single address as a network of one. Bits behind the prefix are
 * cleared. Null for anything else, and for a network of every address there is.
 */
export function canonicalNetwork(text: string): string | null {
  if (!/^[0-9A-Fa-f:./]{2,49}$/.test(text)) return null
  const whole = ipaddr.isValid(text) ? singleHost(text) : text
  if (!ipaddr.isValidCIDR(whole)) return null
  const [base, bits] = ipaddr.parseCIDR(whole)
  if (bits === 0) return null
  if (base instanceof ipaddr.IPv6)
    // `::ffff:10.0.0.1` arrives as the IPv4 address that it is.
    return base.isIPv4MappedAddress()
      ? null
      : `${ipaddr.IPv6.networkAddressFromCIDR(whole).toString()}/${bits}`
  // The library also reads `10.1` and `0177.0.0.1`, which people read otherwise.
  return /^[0-9]{1,3}(?:\.[0-9]{1,3}){3}\//.test(whole) && !/(?:^|\.)0[0-9]/.test(whole)
    ? `${ipaddr.IPv4.networkAddressFromCIDR(whole).toString()}/${bits}`
    : null
}

const singleHost = (address: string): string =>
  `${address}/${ipaddr.parse(address).kind() === 'ipv4' ? 32 : 128}`

const LOOPBACK = ['127.0.0.0/8', '::1']

export const isLoopbackAddress = (address: string): boolean => addressWithin(address, LOOPBACK)
