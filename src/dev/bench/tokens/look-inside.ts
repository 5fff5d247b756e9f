import { constants, createDecipheriv, createPrivateKey, privateDecrypt, type JsonWebKey } from 'node:crypto'
import { z } from 'zod'

const header = z.looseObject({ alg: z.string(), enc: z.string().optional() })

/** How a token is made, from the outside in. */
export interface TokenFormat {
  readonly outer: string
  readonly inner: string
  readonly chars: number
}

/** Decrypts a token (RFC 7516 §5.2) with `node:crypto` alone and reads the header of the JWS inside. */
export function lookInside(token: string, decryptionKey: string): TokenFormat {
  const [protectedHeader = '', ...rest] = token.split('.')
  if (rest.length !== 4) throw new Error('The token is no compact JWE.')
  const [encryptedKey, iv, ciphertext, tag] = rest.map((part) => Buffer.from(part, 'base64url')) as Four
  const key = createPrivateKey({ key: JSON.parse(decryptionKey) as JsonWebKey, format: 'jwk' })
  const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' }
  const opener = createDecipheriv('aes-256-gcm', privateDecrypt({ key, ...padding }, encryptedKey), iv)
  opener.setAAD(Buffer.from(protectedHeader)).setAuthTag(tag)
  const inner = Buffer.concat([opener.update(ciphertext), opener.final()]).toString('utf8')
  const { alg, enc } = readHeader(protectedHeader)
  return {
    outer: `${alg} ${enc ?? ''}`,
    inner: readHeader(inner.split('.')[0] ?? '').alg,
    chars: token.length,
  }
}

type Four = [Buffer, Buffer, Buffer, Buffer]

const readHeader = (segment: string): z.output<typeof header> =>
  header.parse(JSON.parse(Buffer.from(segment, 'base64url').toString('utf8')))
