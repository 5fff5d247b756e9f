import { MaximoFault } from '../fault.ts'
import type { CredentialMethod } from './credential.ts'

/** Methods that say the same in every request. */
export type StaticMethod = Exclude<CredentialMethod, 'oauth' | 'oidc'>

/**
 * The header that proves the user, as name and value; none where the client certificate alone does.
 *
 * @throws MaximoFault credentials_rejected when the credential cannot be a header
 */
export function staticHeaders(method: StaticMethod, credential: string): readonly string[] {
  switch (method) {
    case 'apikey':
      return ['apikey', checked(credential)]
    case 'maxauth':
      return ['maxauth', checked(base64(credential))]
    case 'basic':
      return ['authorization', `Basic ${checked(base64(credential))}`]
    case 'certificate':
      return []
  }
}

/** RFC 6750 §2.1. @throws MaximoFault credentials_rejected when the token cannot be a header */
export const bearerHeaders = (token: string): readonly string[] => [
  'authorization',
  `Bearer ${checked(token, BEARER)}`,
]

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64')

function checked(value: string, form = HEADER_VALUE): string {
  if (!form.test(value)) throw new MaximoFault('credentials_rejected', { detail: 'malformed' })
  return value
}

const HEADER_VALUE = /^[\x21-\x7e]{1,2048}$/
const BEARER = /^[\x21-\x7e]{1,8192}$/
