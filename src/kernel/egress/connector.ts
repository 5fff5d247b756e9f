import type { LookupAddress, LookupOptions } from 'node:dns'
import { lookup as systemLookup } from 'node:dns'
import type { LookupFunction, Socket } from 'node:net'
import { rootCertificates } from 'node:tls'
import { buildConnector } from 'undici'
import type { AddressPolicy } from './address.ts'
import { addressOfHost } from './address.ts'

/** Our own rules forbid the address that a name or a socket turned out to have. */
export class EgressRefused extends Error {
  override readonly name = 'EgressRefused'
}

/** The other side proved itself by TLS, and is not the one that was expected. */
export class PeerRefused extends Error {
  override readonly name = 'PeerRefused'
}

export interface ConnectorOptions {
  readonly policy: AddressPolicy
  readonly connectMs: number
  /** PEM certificates to trust besides the system's. */
  readonly ca: readonly string[]
  /** PEM: shown to a server that asks for it. */
  readonly clientCertificate?: { readonly cert: string; readonly key: string }
  /** What else a verified connection must be; false closes it before anything is sent. */
  readonly accepts?: (socket: Socket) => boolean
  /** Name resolution; the system's unless a test needs names that lie. */
  readonly lookup: LookupFunction
}

/**
 * Opens sockets only to allowed addresses, judged three times: the literal (a `lookup` hook never sees one), every
 * address a name resolves to, and the address the socket finally has. TLS 1.2 at least; certificates are checked.
 */
export const guardedConnector = (options: ConnectorOptions): buildConnector.connector => {
  const { policy, connectMs, ca, clientCertificate = {}, accepts } = options
  const connect = buildConnector({
    timeout: connectMs,
    allowH2: false,
    minVersion: 'TLSv1.2',
    lookup: guardedLookup(options),
    ...(ca.length === 0 ? {} : { ca: [...rootCertificates, ...ca] }),
    ...clientCertificate,
    // A resumed session shows no chain to look at.
    ...(accepts === undefined ? {} : { maxCachedSessions: 0 }),
  })
  return (target, callback) => {
    const literal = addressOfHost(target.hostname)
    if (literal !== null && !policy(literal)) {
      callback(new EgressRefused('address not allowed'), null)
      return
    }
    connect(target, (...result) => {
      const [error, socket] = result
      if (error !== null) {
        callback(...result)
        return
      }
      const objection = objectionTo(socket, options)
      if (objection === null) {
        callback(...result)
        return
      }
      socket.destroy()
      callback(objection, null)
    })
  }
}

function objectionTo(socket: Socket, { policy, accepts }: ConnectorOptions): Error | null {
  if (!policy(socket.remoteAddress ?? '')) return new EgressRefused('address not allowed')
  return accepts?.(socket) === false ? new PeerRefused('not the peer that was expected') : null
}

export const defaultLookup: LookupFunction = (hostname, options, callback) => {
  systemLookup(hostname, options, callback)
}

/** One forbidden address among those of a name forbids the name: the next answer could prefer it. */
const guardedLookup =
  ({ policy, lookup }: ConnectorOptions): LookupFunction =>
  (hostname, options, callback) => {
    const all: LookupOptions = { ...options, all: true }
    lookup(hostname, all, (error, found) => {
      // Node leaves it undefined when the name does not resolve, whatever its types say.
      const addresses: readonly LookupAddress[] = Array.isArray(found) ? found : []
      const [first] = addresses
      if (error !== null) callback(error, '', 0)
      else if (first === undefined || addresses.some(({ address }) => !policy(address)))
        callback(new EgressRefused('address not allowed'), '', 0)
      else if (options.all === true) callback(null, [...addresses])
      else callback(null, first.address, first.family)
    })
  }
