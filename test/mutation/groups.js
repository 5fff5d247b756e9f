/** What is mutated, and the tests that have to notice: those of the subject, not the whole suite. */
export const GROUPS = {
  redirect: {
    mutate: ['src/portal/clients/redirect-uri.ts'],
    tests: ['test/unit/portal/redirect-uri.test.ts'],
  },
  code: {
    mutate: ['src/portal/token/exchange-code.ts', 'src/portal/token/pkce.ts'],
    tests: ['test/attacks/oauth-code.test.ts', 'test/unit/portal/pkce.test.ts'],
  },
  refresh: {
    mutate: ['src/portal/token/rotate-refresh.ts', 'src/portal/token/refresh-token.ts'],
    tests: ['test/attacks/oauth-refresh.test.ts'],
  },
  jose: {
    mutate: ['src/crypto/jose.ts', 'src/crypto/base64url.ts', 'src/crypto/strict-json.ts'],
    tests: ['test/unit/crypto/**/*.test.ts', 'test/attacks/token-*.test.ts', 'test/attacks/clerk-*.test.ts'],
  },
  artefacts: {
    mutate: [
      'src/crypto/*.ts',
      '!src/crypto/jose.ts',
      '!src/crypto/base64url.ts',
      '!src/crypto/strict-json.ts',
    ],
    tests: ['test/unit/crypto/**/*.test.ts', 'test/attacks/token-*.test.ts', 'test/attacks/clerk-*.test.ts'],
  },
  keys: {
    mutate: ['src/crypto/keys/*.ts'],
    tests: ['test/unit/crypto/**/*.test.ts', 'test/attacks/token-keys.test.ts'],
  },
}
