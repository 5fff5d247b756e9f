import { createHash, createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { ConfigError, schemaProblems } from '../kernel/env.ts'
import { isPlainHostName } from '../kernel/egress/host.ts'
import type { ClientCertificate, HostTrust, Trust } from '../maximo/egress/host-trust.ts'

const pem = z.string().min(1)
const pin = z.string().regex(/^sha256\/[A-Za-z0-9+/]{43}=$/, 'is not sha256/<base64 of 32 bytes>')
const host = z.strictObject({
  /** PEM files of authorities that are trusted for this host besides the system's. */
  ca: z.array(pem).max(10).default([]),
  /** Keys of the chain (RFC 7469 §2.4): the one in use and a backup at least, or a lost key would lock everybody out. */
  pins: z.array(pin).max(10).default([]),
  reportOnly: z.boolean().default(false),
  certificates: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(60),
        cert: pem,
        key: pem,
        /** Clerk user ids, or `"*"`: the certificate opens the way and names no Maximo user. */
        users: z.union([z.literal('*'), z.array(z.string().min(1).max(100)).min(1)]),
      }),
    )
    .max(20)
    .default([]),
})

/** `MAXIMO_TLS_FILE`: what the operator says about TLS, by host name. Files in it are relative to its folder. */
export const maximoTlsFile = z.record(z.string().refine(isPlainHostName, 'is not a host name'), host)

/** @throws ConfigError for a file that cannot be read, a pin without a backup, or a key that is not its certificate's */
export function loadMaximoTls(path: string): Trust {
  const read = maximoTlsFile.safeParse(parseJson(path))
  if (!read.success) throw new ConfigError(schemaProblems(read.error, NAME))
  const folder = dirname(path)
  return new Map(Object.entries(read.data).map(([name, content]) => [name, trustOf(name, content, folder)]))
}

function trustOf(
  name: string,
  { ca, pins, reportOnly, certificates }: z.output<typeof host>,
  folder: string,
): HostTrust {
  if (pins.length === 1 && !reportOnly) throw problem(`${name}: one pin without a backup would lock you out`)
  return {
    ca: ca.map((file) => readCertificate(folder, file).toString()),
    pins,
    isReportOnly: reportOnly,
    certificates: certificates.map((entry) => clientCertificate(entry, folder)),
  }
}

function clientCertificate(
  { name, cert, key, users }: z.output<typeof host>['certificates'][number],
  folder: string,
): ClientCertificate {
  const [certificate, keyText] = [readCertificate(folder, cert), readText(folder, key)]
  if (!isKeyOf(certificate, keyText)) throw problem(`${key} is not the key of ${cert}`)
  return {
    name,
    thumbprint: createHash('sha256').update(certificate.raw).digest('base64url'),
    cert: readText(folder, cert),
    key: keyText,
    users: users === '*' ? null : users,
  }
}

function isKeyOf(certificate: X509Certificate, key: string): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(key))
  } catch {
    return false
  }
}

function readCertificate(folder: string, file: string): X509Certificate {
  const text = readText(folder, file)
  try {
    return new X509Certificate(text)
  } catch {
    throw problem(`${file} is not a PEM certificate`)
  }
}

function readText(folder: string, file: string): string {
  try {
    return readFileSync(resolve(folder, file), 'utf8')
  } catch {
    throw problem(`${file} cannot be read`)
  }
}

function parseJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as unknown
  } catch {
    throw problem('the file cannot be read, or is not JSON')
  }
}

const NAME = 'MAXIMO_TLS_FILE'
const problem = (text: string): ConfigError => new ConfigError([`${NAME}: ${text}`])
