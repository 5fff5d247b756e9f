/*
 * What is mutated, and the tests that have to notice: those of the subject, not the whole suite; the quick ones and those
 * that notice most come first, because the first that fails ends the run.
 */
const JOSE_TESTS = [
  'test/unit/crypto/jose-limits.test.ts',
  'test/unit/crypto/interoperability.test.ts',
  'test/unit/crypto/client-assertion.test.ts',
  'test/attacks/token-forgery.test.ts',
]
const TOKEN_TESTS = [
  'test/unit/crypto/token-shapes.test.ts',
  'test/unit/crypto/size.test.ts',
  'test/attacks/token-claims.test.ts',
  'test/attacks/token-substitution.test.ts',
  'test/unit/crypto/restrictions.test.ts',
  'test/unit/crypto/envelopes.test.ts',
]

const LIMITER_TESTS = ['test/unit/mcp/limiters.test.ts', 'test/unit/mcp/limit-answers.test.ts']

const STORE_TESTS = [
  'test/contract/admission-store.test.ts',
  'test/contract/admission-quota.test.ts',
  'test/contract/admission-redis.test.ts',
  'test/contract/admission-differential.test.ts',
]

/** Groups by name; a subject is some files and their tests. */
export const GROUPS = {
  limiter: [
    {
      files: [
        'src/mcp/admission/limiters/fixed-window.ts',
        'src/mcp/admission/limiters/limiter.ts',
        'src/mcp/admission/limiters/quota.ts',
        'src/mcp/admission/limiters/sliding-window.ts',
        'src/mcp/admission/limiters/token-bucket.ts',
      ],
      tests: LIMITER_TESTS,
    },
    {
      files: [
        'src/mcp/admission/limit-policies.ts',
        'src/mcp/admission/limit-answer.ts',
        'src/kernel/rate-limit-fields.ts',
      ],
      tests: LIMITER_TESTS,
    },
    {
      files: ['src/mcp/admission/limits.ts', 'src/mcp/admission/plans.ts'],
      tests: ['test/unit/mcp/policies.test.ts'],
    },
    { files: ['src/kernel/followed-file.ts'], tests: ['test/unit/kernel/followed-file.test.ts'] },
  ],
  redirect: [
    { files: ['src/portal/clients/redirect-uri.ts'], tests: ['test/unit/portal/redirect-uri.test.ts'] },
  ],
  code: [
    {
      files: ['src/portal/token/exchange-code.ts'],
      tests: ['test/unit/portal/exchange-code.test.ts'],
    },
    { files: ['src/portal/token/pkce.ts'], tests: ['test/unit/portal/pkce.test.ts'] },
  ],
  refresh: [
    {
      files: ['src/portal/token/rotate-refresh.ts', 'src/portal/token/refresh-token.ts'],
      tests: ['test/unit/portal/rotate-refresh.test.ts'],
    },
  ],
  jose: [
    {
      files: ['src/crypto/compact.ts'],
      tests: ['test/unit/crypto/interoperability.test.ts', 'test/unit/crypto/envelopes.test.ts'],
    },
    {
      files: ['src/crypto/base64url.ts', 'src/crypto/strict-json.ts'],
      tests: ['test/unit/crypto/base64url.test.ts', 'test/unit/crypto/strict-json.test.ts'],
    },
    { files: ['src/crypto/jose.ts'], tests: JOSE_TESTS },
  ],
  tokens: [
    {
      files: [
        'src/crypto/claims.ts',
        'src/crypto/code.ts',
        'src/crypto/digest.ts',
        'src/crypto/formats.ts',
        'src/crypto/internal-call.ts',
        'src/crypto/largest-part.ts',
        'src/crypto/pre-tag.ts',
        'src/crypto/sealed.ts',
      ],
      tests: TOKEN_TESTS,
    },
    {
      files: [
        'src/crypto/receipt.ts',
        'src/crypto/root-receipt.ts',
        'src/crypto/head-signature.ts',
        'src/crypto/wrapped.ts',
      ],
      tests: ['test/unit/crypto/receipts.test.ts', ...TOKEN_TESTS],
    },
    { files: ['src/crypto/restrictions.ts'], tests: ['test/unit/crypto/restrictions.test.ts'] },
    { files: ['src/crypto/scopes.ts'], tests: ['test/unit/crypto/scope-hierarchy.test.ts'] },
    {
      files: ['src/crypto/token-checks.ts'],
      tests: [
        'test/attacks/token-claims.test.ts',
        'test/unit/crypto/automation-form.test.ts',
        'test/attacks/token-substitution.test.ts',
      ],
    },
    {
      files: ['src/crypto/token-open.ts', 'src/crypto/token-seal.ts'],
      tests: [
        'test/unit/crypto/size.test.ts',
        'test/attacks/token-claims.test.ts',
        'test/unit/crypto/automation-form.test.ts',
        'test/attacks/token-substitution.test.ts',
        'test/unit/crypto/envelopes.test.ts',
        'test/attacks/token-forgery.test.ts',
      ],
    },
    {
      files: ['src/crypto/account-usage.ts', 'src/crypto/internal-api.ts'],
      tests: ['test/unit/crypto/internal-shapes.test.ts'],
    },
  ],
  // What the services say to each other; credential, reason and keys/key are types alone.
  internal: [
    {
      files: [
        'src/crypto/internal-client.ts',
        'src/crypto/peer-answer.ts',
        'src/crypto/peers.ts',
        'src/crypto/use-call.ts',
      ],
      tests: ['test/unit/crypto/internal-client.test.ts'],
    },
    { files: ['src/crypto/detection.ts'], tests: ['test/unit/crypto/detection.test.ts'] },
  ],
  foreign: [
    { files: ['src/crypto/clerk-token.ts'], tests: ['test/unit/crypto/clerk-token.test.ts'] },
    {
      files: ['src/crypto/client-assertion.ts', 'src/crypto/foreign-keys.ts'],
      tests: ['test/unit/crypto/client-assertion.test.ts'],
    },
    {
      files: [
        'src/crypto/claim-rules.ts',
        'src/crypto/machine-proof.ts',
        'src/crypto/workload-assertion.ts',
        'src/crypto/workload-issuers.ts',
      ],
      tests: ['test/unit/crypto/workload.test.ts', 'test/unit/crypto/token-shapes.test.ts'],
    },
    { files: ['src/crypto/pasted-keys.ts'], tests: ['test/unit/crypto/pasted-keys.test.ts'] },
  ],
  verifier: [
    {
      files: ['src/audit/verify.ts', 'src/audit/verifier.ts'],
      tests: [
        'test/unit/audit/own-records.test.ts',
        'test/unit/audit/vouchers.test.ts',
        'test/unit/audit/verify.test.ts',
        'test/unit/audit/segments.test.ts',
        'test/unit/audit/retention.test.ts',
      ],
    },
    {
      files: ['src/audit/vouchers.ts', 'src/audit/heads.ts', 'src/audit/tombstones.ts'],
      tests: [
        'test/unit/audit/vouchers.test.ts',
        'test/unit/audit/own-records.test.ts',
        'test/unit/audit/verify.test.ts',
      ],
    },
    { files: ['src/kernel/chain-link.ts'], tests: ['test/unit/kernel/chain-link.test.ts'] },
  ],
  keys: [
    {
      files: ['src/crypto/keys/jwk.ts', 'src/crypto/keys/weak-rsa.ts', 'src/crypto/keys/material.ts'],
      tests: ['test/unit/crypto/jwk.test.ts'],
    },
    {
      files: ['src/crypto/keys/key-fault.ts', 'src/crypto/keys/key-file.ts', 'src/crypto/keys/key-folder.ts'],
      tests: ['test/unit/crypto/key-folder.test.ts', 'test/unit/crypto/key-ring.test.ts'],
    },
    {
      files: ['src/crypto/keys/audit-head-publics.ts', 'src/crypto/keys/key-ring.ts'],
      tests: ['test/unit/crypto/key-ring.test.ts', 'test/unit/crypto/key-folder.test.ts'],
    },
    {
      files: ['src/crypto/keys/kinds.ts'],
      tests: ['test/unit/crypto/key-folder.test.ts', 'test/unit/crypto/ceremony.test.ts'],
    },
    {
      files: ['src/crypto/keys/make-key.ts', 'src/crypto/keys/ceremony.ts'],
      tests: ['test/unit/crypto/key-ceremony.test.ts', 'test/unit/crypto/ceremony.test.ts'],
    },
    { files: ['src/crypto/keys/tls-ceremony.ts'], tests: ['test/unit/crypto/tls-ceremony.test.ts'] },
  ],
  revocation: [
    { files: ['src/mcp/internal/revoke.ts'], tests: ['test/unit/mcp/revoke.test.ts'] },
    {
      files: ['src/mcp/records/keeping.ts'],
      tests: ['test/unit/mcp/keeping.test.ts'],
    },
    {
      files: ['src/portal/records/keeping.ts'],
      tests: ['test/unit/portal/keeping.test.ts'],
    },
    {
      files: ['src/mcp/records/ledger.ts'],
      tests: [
        'test/unit/mcp/ledger.test.ts',
        'test/unit/mcp/records.test.ts',
        'test/unit/mcp/merged-records.test.ts',
      ],
    },
    {
      files: ['src/mcp/records/projection.ts'],
      tests: ['test/unit/mcp/record-writes.test.ts'],
    },
    {
      files: ['src/portal/records/projection.ts'],
      tests: ['test/unit/portal/entry-writes.test.ts'],
    },
    {
      files: ['src/kernel/reconcile.ts', 'src/kernel/journal-tips.ts'],
      tests: ['test/unit/kernel/reconcile.test.ts', 'test/unit/kernel/recorder.test.ts'],
    },
    {
      files: [
        'src/kernel/compaction/compactions.ts',
        'src/kernel/compaction/compacted-head.ts',
        'src/kernel/compaction/latest.ts',
      ],
      tests: [
        'test/unit/kernel/compactions.test.ts',
        'test/unit/kernel/compacted-head.test.ts',
        'test/unit/kernel/compaction.test.ts',
      ],
    },
    {
      files: ['src/kernel/line-index.ts'],
      tests: ['test/unit/kernel/line-index.test.ts', 'test/unit/kernel/compaction.test.ts'],
    },
  ],
  admission: [
    { files: ['src/mcp/admission/lease.ts'], tests: ['test/unit/mcp/lease.test.ts'] },
    { files: ['src/mcp/admission/memory-admission-store.ts'], tests: STORE_TESTS },
    {
      files: [
        'src/mcp/admission/admission-script.ts',
        'src/mcp/admission/limiters/limiters-lua.ts',
        'src/mcp/admission/redis-admission-store.ts',
      ],
      tests: STORE_TESTS,
    },
    { files: ['src/kernel/redis-script.ts'], tests: ['test/contract/redis-script.test.ts'] },
    { files: ['src/kernel/linked-list.ts'], tests: ['test/unit/kernel/linked-list.test.ts'] },
    { files: ['src/mcp/admission/read-bearer.ts'], tests: ['test/unit/mcp/read-bearer.test.ts'] },
    { files: ['src/mcp/admission/bearer.ts'], tests: ['test/unit/mcp/bearer.test.ts'] },
    { files: ['src/mcp/admission/admit.ts'], tests: ['test/unit/mcp/refusals.test.ts'] },
    { files: ['src/mcp/admission/prove-token.ts'], tests: ['test/unit/mcp/prove-token.test.ts'] },
    {
      files: ['src/mcp/admission/decrypt-gate.ts', 'src/mcp/admission/token-cache.ts'],
      tests: ['test/unit/mcp/token-work.test.ts', 'test/unit/mcp/prove-token.test.ts'],
    },
    {
      files: ['src/mcp/admission/identify.ts', 'src/mcp/admission/request-origin.ts'],
      tests: ['test/unit/mcp/identify.test.ts'],
    },
    { files: ['src/mcp/admission/open-admission.ts'], tests: ['test/unit/mcp/open-admission.test.ts'] },
    { files: ['src/mcp/admission/entitlement.ts'], tests: ['test/unit/mcp/entitlement.test.ts'] },
    {
      files: ['src/mcp/admission/object-rights.ts', 'src/mcp/admission/presets.ts'],
      tests: ['test/unit/mcp/presets.test.ts'],
    },
    { files: ['src/mcp/admission/scopes.ts'], tests: ['test/unit/mcp/policies.test.ts'] },
    { files: ['src/mcp/admission/newer-credential.ts'], tests: ['test/unit/mcp/newer-credential.test.ts'] },
    {
      files: ['src/mcp/admission/caller.ts', 'src/mcp/admission/refusal-event.ts'],
      tests: ['test/unit/mcp/refusal-event.test.ts'],
    },
    { files: ['src/mcp/admission/traceparent.ts'], tests: ['test/unit/mcp/read-traceparent.test.ts'] },
    {
      files: ['src/mcp/admission/answer-refusal.ts'],
      tests: ['test/unit/mcp/refusal-answers.test.ts'],
    },
  ],
}
