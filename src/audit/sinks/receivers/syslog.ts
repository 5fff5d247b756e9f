import { isIP } from 'node:net'
import { connect, createSecureContext, rootCertificates, type SecureContext } from 'node:tls'
import { fitted } from '../formats/fitted.ts'
import { lineIn, type TextFormat } from '../formats/formats.ts'
import { syslogFrame } from '../formats/rfc5424.ts'
import { type Batch, type Delivery, type Receiver, undelivered } from '../sink.ts'
import { codeOf } from './http.ts'

export interface SyslogOptions {
  readonly host: string
  readonly port: number
  /** PEM certificates to trust besides the usual ones. */
  readonly ca: readonly string[]
  /** PEM: shown to a receiver that asks for it. */
  readonly clientCertificate?: { readonly cert: string; readonly key: string } | undefined
  readonly format: TextFormat
  /** HOSTNAME of the messages. */
  readonly hostname: string
  /** Longest message that the receiver takes whole. */
  readonly maxMessageBytes: number
  /** For connecting, and again for taking a batch, in milliseconds. */
  readonly deadlineMs?: number | undefined
}

/**
 * Syslog over TLS (RFC 5425). The protocol has no acknowledgement, so each batch has a connection of its own, and has been
 * taken when the receiver, told that no more comes, ends the connection in order: it has read everything then. What it
 * loses after that is not seen here.
 */
export function syslogReceiver(options: SyslogOptions): Receiver {
  const { format, hostname, maxMessageBytes, ca, clientCertificate } = options
  const secureContext = createSecureContext({
    ...{ minVersion: 'TLSv1.2', ...clientCertificate },
    ...(ca.length === 0 ? {} : { ca: [...rootCertificates, ...ca] }),
  })
  return {
    ...{ maxEvents: 500, maxBytes: 1_000_000, framingBytes: 0 },
    encode: (event) =>
      fitted(event, (whole) => syslogFrame(whole, lineIn(format, whole), hostname), maxMessageBytes),
    deliver: (batch, signal) => deliver(batch, { ...options, secureContext }, signal),
    close: () => Promise.resolve(),
  }
}

function deliver(
  { encoded }: Batch,
  { host, port, secureContext, deadlineMs = DEADLINE_MS }: SyslogOptions & { secureContext: SecureContext },
  signal: AbortSignal,
): Promise<Delivery> {
  const socket = connect({
    ...{ host, port, secureContext },
    // An address is no server name (RFC 6066 §3); the certificate must name it all the same.
    ...(isIP(host) === 0 ? { servername: host } : {}),
  })
  return new Promise<Delivery>((resolve, reject) => {
    const late = (): void => resolve(undelivered('timed_out', 'the receiver did not end the connection'))
    let timer = setTimeout(late, deadlineMs)
    const abort = (): void => reject(new DOMException('the service ends', 'AbortError'))
    signal.addEventListener('abort', abort, { once: true })
    socket.once('secureConnect', () => {
      clearTimeout(timer)
      timer = setTimeout(late, deadlineMs)
      socket.end(Buffer.concat(encoded))
    })
    let hasEnded = false
    socket.once('end', () => {
      hasEnded = socket.writableFinished
    })
    socket.once('error', (error) => resolve(undelivered('unreachable', codeOf(error))))
    socket.once('close', () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
      resolve(hasEnded ? { ok: true } : undelivered('unreachable', 'the connection broke off'))
    })
    // Nothing is expected from the other side, but unread its end is not noticed.
    socket.resume()
  }).finally(() => socket.destroy())
}

const DEADLINE_MS = 20_000
