/** Why an internal call was not done. `code` is for the portal's log and its choice of wording: never a person's text. */
export type CallRefusal =
  /** `401`: not a valid signed call. */
  | { readonly kind: 'unsigned'; readonly code: string }
  /** `409`: the call, or its transaction, was used before. */
  | { readonly kind: 'used_before'; readonly code: 'call' | 'transaction' }
  /** `422`: refused on its merits. */
  | { readonly kind: 'refused'; readonly code: string }
  /** `503`: nobody knows. */
  | { readonly kind: 'unavailable'; readonly code: string }

export const refused = (code: string): CallRefusal => ({ kind: 'refused', code })
export const unavailable = (code: string): CallRefusal => ({ kind: 'unavailable', code })
