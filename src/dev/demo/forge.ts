import {
  createCipheriv,
  createPublicKey,
  publicEncrypt,
  randomBytes,
  constants,
  type JsonWebKey,
} from 'node:crypto'

/**
 * What a stranger can make who has the MCP server's *public* key and nothing else: a well-formed JWE around claims of
 * his choice (RFC 7516 §5.1). Written with Node's own primitives, as he would.
 */
export function forgeToken(publicJwk: JsonWebKey, kid: string, claims: object): string {
  const rid = randomBytes(16).toString('base64url')
  const rt = randomBytes(16).toString('base64url')
  const header = { alg: 'RSA-OAEP-256', enc: 'A256GCM', kid, typ: 'mx-at+jwe', cty: 'JWT', rid, rt }
  const protectedHeader = Buffer.from(JSON.stringify(header)).toString('base64url')
  const contentKey = randomBytes(32)
  const iv = randomBytes(12)
  const key = createPublicKey({ key: publicJwk, format: 'jwk' })
  const wrapped = publicEncrypt(
    { key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' },
    contentKey,
  )
  const cipher = createCipheriv('aes-256-gcm', contentKey, iv).setAAD(Buffer.from(protectedHeader))
  const sealed = Buffer.concat([cipher.update(JSON.stringify({ ...claims, jti: rid })), cipher.final()])
  return [
    protectedHeader,
    ...[wrapped, iv, sealed, cipher.getAuthTag()].map((part) => part.toString('base64url')),
  ].join('.')
}
