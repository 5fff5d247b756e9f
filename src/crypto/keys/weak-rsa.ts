/**
 * Whether a modulus bears the fingerprint of ROCA (CVE-2017-15361): keys of a faulty chip library are products of primes
 * `k·M + (65537^a mod M)`, so modulo every small prime in `M` they lie in the group that 65537 generates. A sound modulus
 * does so for all the primes below by a chance of about 2^-27.
 */
export const hasRocaFingerprint = (modulus: bigint): boolean =>
  ROCA_PRIMES.every((prime) => powersOf65537(prime).has(modulus % prime))

function powersOf65537(prime: bigint): ReadonlySet<bigint> {
  const powers = new Set<bigint>()
  for (let power = 1n; !powers.has(power); power = (power * 65_537n) % prime) powers.add(power)
  return powers
}

/** Primes of `M` in whose group 65537 generates a proper subgroup; the others tell nothing. */
const ROCA_PRIMES = [
  11n,
  13n,
  17n,
  19n,
  37n,
  53n,
  61n,
  71n,
  73n,
  79n,
  97n,
  103n,
  107n,
  109n,
  127n,
  151n,
  157n,
]
