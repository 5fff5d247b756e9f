import { isIP } from 'node:net'
import { connect } from 'node:tls'
import type { Log } from './log.ts'
import type { RedisAddress, RedisHost } from './redis-url.ts'

/**
 * Sees why the servers of an address and we do not agree on TLS, in words for the operator: ioredis says of Sentinels
 * and of clusters only that the connection was lost.
 */
export class TlsLook {
  readonly #address: RedisAddress
  readonly #ca: string | undefined
  readonly #log: Log
  #isNeedless = false
  #isLooking = false
  #trouble: string | null = null
  /** Of a server that Sentinels or nodes name, and the address does not. */
  #heard: string | null = null

  /** @param ca as of `RedisOptions` */
  constructor({ address, ca, log }: { address: RedisAddress; ca: string | undefined; log: Log }) {
    this.#address = address
    this.#ca = ca
    this.#log = log
  }

  /** As last seen; `null`: nothing that TLS is to blame for. */
  trouble(): string | null {
    return this.#trouble ?? this.#heard
  }

  /** A connection works: a certificate may end, plain text stays plain text. */
  understood(): void {
    this.#trouble = null
    this.#heard = null
    this.#isNeedless = !this.#address.tls
  }

  /** @param error with which a connection failed; one without a code says nothing of it */
  hear(error: unknown): void {
    const code = error instanceof Error && 'code' in error ? String(error.code) : null
    // A single server is looked at itself.
    if (code === null || this.#address.is === 'single') return
    const words = WORDS[code]
    const heard = words === undefined ? null : `a server that REDIS_URL leads to ${words} (${code})`
    if (heard !== null && this.trouble() === null) this.#log.error({ event: 'redis.tls', reason: heard })
    this.#heard = heard
  }

  async look(): Promise<void> {
    if (this.#isNeedless || this.#isLooking) return
    this.#isLooking = true
    const found = await this.#firstFault()
    this.#isLooking = false
    if (found !== null && found !== this.#trouble) this.#log.error({ event: 'redis.tls', reason: found })
    this.#trouble = found
  }

  async #firstFault(): Promise<string | null> {
    for (const host of this.#address.hosts) {
      const fault = judge(await shakeHands(host, this.#ca), this.#address.tls)
      if (fault !== null) return `${host.host}:${host.port} ${fault}`
    }
    return null
  }
}

/** `trusted`, `silent`: connected, but no TLS came back; `away`: not even connected; else the code of an error. */
type Handshake = 'trusted' | 'silent' | 'away' | { readonly code: string }

function judge(handshake: Handshake, tls: boolean): string | null {
  if (handshake === 'away') return null
  if (!tls) return handshake === 'silent' ? null : SPEAKS_TLS
  if (handshake === 'trusted') return null
  if (handshake === 'silent') return SPEAKS_NONE
  const { code } = handshake
  return `${WORDS[code] ?? 'shows a certificate that is no good'} (${code})`
}

function shakeHands({ host, port }: RedisHost, ca: string | undefined): Promise<Handshake> {
  return new Promise((resolve) => {
    let isConnected = false
    const socket = connect({
      ...{ host, port, minVersion: 'TLSv1.2', timeout: HANDSHAKE_TIMEOUT_MS },
      ...(ca === undefined ? {} : { ca }),
      ...(isIP(host) === 0 ? { servername: host } : {}),
    })
    const end = (outcome: Handshake): void => {
      socket.destroy()
      resolve(outcome)
    }
    socket.unref()
    socket.once('connect', () => (isConnected = true))
    socket.once('secureConnect', () => end('trusted'))
    socket.once('timeout', () => end(isConnected ? 'silent' : 'away'))
    socket.once('error', (error: NodeJS.ErrnoException) => {
      const { code = '' } = error
      end(!isConnected ? 'away' : isOfCertificate(code) ? { code } : 'silent')
    })
  })
}

/** As opposed to what the network (`ECONNRESET`) and the protocol itself (`ERR_SSL_…`) fail with. */
const isOfCertificate = (code: string): boolean => !/^(E[A-Z]+|ERR_SSL_\w+|)$/.test(code)

const STRANGE = 'shows a certificate of no authority that REDIS_TLS_CA names'
const WORDS: Readonly<Record<string, string>> = {
  ERR_TLS_CERT_ALTNAME_INVALID: 'shows a certificate that is for other names',
  SELF_SIGNED_CERT_IN_CHAIN: STRANGE,
  DEPTH_ZERO_SELF_SIGNED_CERT: STRANGE,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: STRANGE,
  UNABLE_TO_GET_ISSUER_CERT: STRANGE,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: STRANGE,
  CERT_SIGNATURE_FAILURE: STRANGE,
  CERT_HAS_EXPIRED: 'shows a certificate that has expired',
  CERT_NOT_YET_VALID: 'shows a certificate that is not valid yet',
}
const SPEAKS_TLS = 'speaks TLS, and REDIS_URL asks for plain text: it has to begin with rediss'
const SPEAKS_NONE = 'does not answer in TLS, for which REDIS_URL asks'
const HANDSHAKE_TIMEOUT_MS = 2_000
