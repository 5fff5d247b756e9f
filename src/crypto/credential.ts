import type { Secret } from '../kernel/secret.ts'
import type { ReceiptClaims, WrappedCredential } from './claims.ts'

/** A Maximo credential out of its envelope: base URL, method, and the secret itself, which prints as `[secret]`. */
export interface Credential {
  readonly u: string
  readonly a: ReceiptClaims['c']['a']
  readonly k: Secret<string>
  /** Thumbprint of the client certificate that the operator mounts. */
  readonly x?: string | undefined
}

/** {@link ReceiptClaims} with the credential held in a `Secret`. */
export type Receipt = Omit<ReceiptClaims, 'c'> & { readonly c: Credential }

/** {@link WrappedCredential} with the credential held in a `Secret`. */
export type Wrapped = Omit<WrappedCredential, 'c'> & { readonly c: Credential }
