import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { ConfigError } from './env.ts'

/**
 * The authorities in a PEM file that a variable names, as `node:tls` takes them. Looked at here, since Node passes over what
 * is damaged, and trusts every public authority where the file is empty.
 *
 * @param ifMissing what to do about a file that is not there
 * @throws ConfigError
 */
export function readAuthorities(variable: string, path: string, ifMissing = ''): string {
  const text = readNamed(variable, path, ifMissing)
  if (!holdsSoundCertificates(text))
    throw problem(
      variable,
      `${path} must hold certificates of authorities, as PEM, and nothing that is damaged`,
    )
  return text
}

/** `REDIS_TLS_CA`. @throws ConfigError */
export const redisAuthorities = (path: string | undefined): { readonly ca?: string } =>
  path === undefined ? {} : { ca: readAuthorities('REDIS_TLS_CA', path, OF_ONE_AUTHORITY) }

/**
 * The key and the certificate of a listener, from the files that `<prefix>_KEY` and `<prefix>_CERT` name.
 *
 * @throws ConfigError also when they do not belong together
 */
export function readServerTls(
  prefix: string,
  { keyFile, certFile }: { readonly keyFile: string; readonly certFile: string },
): { readonly key: string; readonly cert: string } {
  const key = readNamed(`${prefix}_KEY`, keyFile)
  const cert = readNamed(`${prefix}_CERT`, certFile)
  if (!holdsSoundCertificates(cert))
    throw problem(
      `${prefix}_CERT`,
      `${certFile} must hold a certificate, as PEM, and nothing that is damaged`,
    )
  if (!isKeyOf(key, cert)) throw problem(`${prefix}_KEY`, `${keyFile} is not the key of ${certFile}`)
  return { key, cert }
}

function isKeyOf(key: string, cert: string): boolean {
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))
  } catch {
    return false
  }
}

function readNamed(variable: string, path: string, ifMissing = ''): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    throw problem(variable, `${path} cannot be read (${code})${code === 'ENOENT' ? ifMissing : ''}`)
  }
}

function holdsSoundCertificates(text: string): boolean {
  const blocks = text.match(PEM) ?? []
  try {
    return blocks.length > 0 && blocks.every((block) => new X509Certificate(block).raw.length > 0)
  } catch {
    return false
  }
}

const problem = (variable: string, what: string): ConfigError => new ConfigError([`${variable}: ${what}`])

/** Up to the next beginning, so that half a block is seen. */
const PEM = /-----BEGIN [A-Z0-9 ]*CERTIFICATE-----(?:(?!-----BEGIN)[\s\S])*/g
const OF_ONE_AUTHORITY =
  '; where keys init --tls made one authority for everything, name ca.pem until its certificates are renewed: docs/operate/redis.md, Certificates'
