import { createHash, type X509Certificate } from 'node:crypto'
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'

/** A client certificate that the operator mounted. It leaves this server in TLS handshakes alone. */
export interface ClientCertificate {
  /** SHA-256 of its DER form, base64url (RFC 8705 `x5t#S256`): what a credential names it by. */
  readonly thumbprint: string
  /** Shown to those who may choose it. */
  readonly name: string
  /** PEM. */
  readonly cert: string
  readonly key: string
  /** Clerk user ids that may use it; `null`: everybody, because it opens the way and names no user. */
  readonly users: readonly string[] | null
}

/** What the operator says about TLS to one host. */
export interface HostTrust {
  /** PEM certificates of authorities besides the system's. */
  readonly ca: readonly string[]
  /** `sha256/<base64>` of a SubjectPublicKeyInfo of the chain (RFC 7469 §2.4); empty: any chain that verifies. */
  readonly pins: readonly string[]
  /** A chain without a pinned key is told, not refused. */
  readonly isReportOnly: boolean
  readonly certificates: readonly ClientCertificate[]
}

/** By host name, lower case. */
export type Trust = ReadonlyMap<string, HostTrust>

export const NO_TRUST: HostTrust = { ca: [], pins: [], isReportOnly: false, certificates: [] }

/** Certificates that a user may choose, with the host each is for. */
export const certificatesFor = (
  trust: Trust,
  user: string,
): readonly { readonly host: string; readonly certificate: ClientCertificate }[] =>
  [...trust].flatMap(([host, { certificates }]) =>
    certificates
      .filter(({ users }) => users === null || users.includes(user))
      .map((certificate) => ({ host, certificate })),
  )

/** Whether the chain of a connection holds a pinned key. What is not TLS has none. */
export function isPinned(socket: Socket, pins: readonly string[]): boolean {
  if (!(socket instanceof TLSSocket)) return false
  return chainOf(socket).some((certificate) => pins.includes(pinOf(certificate)))
}

export const pinOf = ({ publicKey }: X509Certificate): string =>
  `sha256/${createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64')}`

function chainOf(socket: TLSSocket): readonly X509Certificate[] {
  const chain: X509Certificate[] = []
  let next = socket.getPeerX509Certificate()
  // A root names itself as its issuer.
  while (next !== undefined && chain.length < LONGEST_CHAIN) {
    chain.push(next)
    next = next.issuerCertificate
  }
  return chain
}

const LONGEST_CHAIN = 10
