import ipaddr from 'ipaddr.js'

/** Whether an address may be connected to. */
export type AddressPolicy = (address: string) => boolean

/**
 * Public unicast addresses may; every special-use one (private, loopback, link-local with its metadata services,
 * carrier-grade NAT, multicast, translated, documentation, …: the IANA registries as ipaddr.js knows them) may
 * only inside a range the operator named. IPv4 inside IPv6 is judged as IPv4.
 * @throws RangeError for a range that is none
 */
export const addressPolicy = ({
  allowCidrs,
  allowLoopback,
}: {
  readonly allowCidrs: readonly string[]
  readonly allowLoopback: boolean
}): AddressPolicy => {
  const ranges = allowCidrs.map(parseRange)
  return (address) => {
    if (!ipaddr.isValid(address)) return false
    return isPublic(address) || (allowLoopback && isLoopback(address)) || matchesAny(address, ranges)
  }
}

/** @throws RangeError for a range that is none */
export const isInRanges = (address: string, cidrs: readonly string[]): boolean =>
  matchesAny(address, cidrs.map(parseRange))

/** The address of an IP literal as URL hosts write it (`[::1]`), or null for a name. */
export const addressOfHost = (host: string): string | null => {
  const bare = host.startsWith('[') ? host.slice(1, -1) : host
  return ipaddr.isValid(bare) ? bare : null
}

export const isLoopback = (address: string): boolean => ipaddr.process(address).range() === 'loopback'

/** Not special-use, and for IPv6 inside 2000::/3: what lies outside is not allocated (`::7f00:1`). */
export const isPublic = (address: string): boolean => {
  const parsed = ipaddr.process(address)
  return parsed.range() === 'unicast' && !matchesAny(address, HOST_SERVICES) && isAllocated(parsed)
}

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number]

const matchesAny = (address: string, ranges: readonly Range[]): boolean => {
  const parsed = ipaddr.process(address)
  return ranges.some(([network, bits]) => network.kind() === parsed.kind() && parsed.match(network, bits))
}

const parseRange = (text: string): Range => {
  try {
    return ipaddr.parseCIDR(text.trim())
  } catch (cause) {
    throw new RangeError('not an address range like 10.0.0.0/8', { cause })
  }
}

const isAllocated = (parsed: ipaddr.IPv4 | ipaddr.IPv6): boolean =>
  parsed.kind() === 'ipv4' || parsed.match(ipaddr.parse('2000::'), 3)

/** Answers with the machine's own secrets although its address looks public: Azure's wire server. */
const HOST_SERVICES: readonly Range[] = [[ipaddr.parse('168.63.129.16'), 32]]
