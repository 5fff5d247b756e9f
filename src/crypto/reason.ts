/**
 * Why an artefact was refused. For the log alone: towards the caller every reason is the same answer (RFC 6750 §3.1),
 * so that no one can feel their way towards a good token (T-12).
 */
export type Reason =
  // what it looks like
  | 'length_out_of_range'
  | 'segments_malformed'
  | 'not_canonical'
  | 'prefix_check_wrong'
  | 'header_malformed'
  | 'header_not_exact'
  // who made it
  | 'kid_unknown'
  | 'key_ci_only'
  | 'pre_tag_wrong'
  | 'decryption_failed'
  | 'signature_wrong'
  // what it says
  | 'payload_malformed'
  | 'issuer_wrong'
  | 'audience_wrong'
  | 'party_wrong'
  | 'expired'
  | 'issued_in_future'
  | 'lifetime_too_long'
  | 'stale'
  | 'session_not_active'
  | 'impersonated'
  | 'rules_not_met'
  | 'owner_mismatch'
  // what it is allowed to be
  | 'rid_mismatch'
  | 'kind_mismatch'
  | 'form_mismatch'
  | 'receipt_refused'
  | 'grant_mismatch'
  | 'scope_too_wide'
  | 'expiry_beyond_receipt'
  | 'issued_before_grant'
  | 'token_id_mismatch'

/** What one of our own artefacts would have become. `part` is the claim that takes the most room, for the person asking. */
export interface TooLong {
  readonly reason: 'too_long'
  readonly part: string
  readonly chars: number
  readonly maxChars: number
}
