import { edit, JOSE, UNSIGNED, type Removal } from './removal.ts'

const CLAIMS = 'test/attacks/token-claims.test.ts'
const SUBSTITUTION = 'test/attacks/token-substitution.test.ts'
const INTERNAL = 'test/attacks/internal-calls.test.ts'
const VISITS = 'test/attacks/vault-visits.test.ts'
const OUTAGE = 'test/attacks/admission-outage.test.ts'

/** Between the two domains. */
export const DOMAINS: readonly Removal[] = [
  {
    attack: 'T-20',
    test: CLAIMS,
    title: 'a receipt that the portal invented',
    edits: [
      edit(
        'src/crypto/token-open.ts',
        "if (!opened.ok) return err('receipt_refused')",
        'const told = { receipt: { ...rest, scp: rest.scope, at: 0 }, kid: signing.kid } as never',
      ),
      edit(
        'src/crypto/token-open.ts',
        'const { receipt, kid } = opened.value',
        'const { receipt, kid } = opened.ok ? opened.value : told',
      ),
    ],
  },
  {
    attack: 'T-20',
    test: CLAIMS,
    title: 'the receipt of another person under the grant of one’s own',
    edits: [
      edit('src/crypto/token-checks.ts', "if (claims.gid !== receipt.gid) return 'grant_mismatch'", ''),
    ],
  },
  {
    attack: 'T-21',
    test: CLAIMS,
    title: 'T-20, T-21 a stolen portal makes no grant and widens none',
    edits: [
      edit(
        'src/crypto/token-checks.ts',
        "if (!isWithin(claims.scope, receipt.scp)) return 'scope_too_wide'",
        '',
      ),
    ],
  },
  {
    attack: 'T-21',
    test: CLAIMS,
    title: 'an automation token is the one that its receipt names',
    edits: [
      edit(
        'src/crypto/token-checks.ts',
        "if (receipt.knd === 'ci' && !isTheListedToken(claims, receipt, kids)) return 'token_id_mismatch'",
        '',
      ),
    ],
  },
  {
    attack: 'T-22',
    test: INTERNAL,
    title: 'with a token of two minutes ago it is refused (T-22)',
    edits: [
      edit('src/crypto/clerk-token.ts', "if (exp + SKEW_S <= now) return 'expired'", ''),
      edit(
        'src/crypto/clerk-token.ts',
        "return iat + MAX_AGE_S + SKEW_S < now ? 'stale' : null",
        'return null',
      ),
    ],
  },
  {
    attack: 'T-22',
    test: INTERNAL,
    title: 'with a token %s it is refused',
    edits: [
      edit('src/crypto/clerk-token.ts', "if (claims.azp !== authorizedParty) return 'party_wrong'", ''),
    ],
  },
  {
    attack: 'T-22',
    test: INTERNAL,
    title: 'two transactions with one session token succeed; the same transaction twice does not',
    edits: [edit('src/mcp/internal/use-once.ts', 'return isFirst ? ok', 'return isFirst || true ? ok')],
  },
  {
    attack: 'T-23',
    test: SUBSTITUTION,
    title: 'T-23, T-24 a wrapped credential stays with its owner, environment and host',
    edits: [
      edit(
        'src/crypto/wrapped.ts',
        "if (rest.sub !== owner.sub || rest.env !== owner.env) return err('owner_mismatch')",
        '',
      ),
    ],
  },
  {
    attack: 'T-23',
    test: INTERNAL,
    title: 'with a credential of another person it is refused (T-23)',
    edits: [
      edit(
        'src/crypto/wrapped.ts',
        "if (rest.sub !== owner.sub || rest.env !== owner.env) return err('owner_mismatch')",
        '',
      ),
      edit(
        'src/mcp/internal/prove-attestation.ts',
        "if (owner !== null && owner !== sub) return err(refused('credential_refused'))",
        '',
      ),
    ],
  },
  {
    attack: 'T-24',
    test: SUBSTITUTION,
    title: 'its base URL cannot be edited: it is inside',
    edits: [
      edit(
        JOSE,
        "return err('decryption_failed')",
        "return ok(Buffer.from(text.split('.')[3] ?? '', 'base64url'))",
      ),
    ],
  },
  {
    attack: 'T-24',
    test: 'test/attacks/vault-credentials.test.ts',
    title: 'cannot bring another address with it',
    edits: [
      edit(
        'src/mcp/vault/forms.ts',
        'export const replaceForm = z.strictObject(',
        'export const replaceForm = z.looseObject(',
      ),
      edit(
        'src/mcp/vault/save.ts',
        'const credential = readCredential(read.data, contextOf(visit, current.value.content.c.u, deps))',
        'const typed = (body as { baseUrl?: string }).baseUrl\n  const credential = readCredential(read.data, contextOf(visit, typed ?? current.value.content.c.u, deps))',
      ),
    ],
  },
  {
    attack: 'T-25',
    test: INTERNAL,
    title: 'signed with the key of another portal: 401',
    edits: [
      edit(
        'src/crypto/keys/key-ring.ts',
        'find: (kid) => found.get(kid) }',
        'find: (kid) => found.get(kid) ?? loaded[0] }',
      ),
      UNSIGNED,
    ],
  },
  {
    attack: 'T-25',
    test: INTERNAL,
    title: 'a minute old: 401; a moment younger it passes',
    edits: [edit('src/crypto/internal-call.ts', "if (exp <= now) return err('expired')", '')],
  },
  {
    attack: 'T-25',
    test: INTERNAL,
    title: 'sent twice: 409, also 20 at once',
    edits: [
      edit(
        'src/crypto/use-call.ts',
        'return await store.putOnce(`call:${issuer}:${jti}`',
        'return (await store.putOnce(`call:${issuer}:${jti}:${Math.random()}`',
      ),
      edit('src/crypto/use-call.ts', "'1', MEMORY_MS)", "'1', MEMORY_MS))"),
    ],
  },
  {
    attack: 'T-25',
    test: INTERNAL,
    title: 'the public listener has none of its paths',
    edits: [
      edit(
        'src/mcp/app.ts',
        'await registerMcpRoutes(app, options.mcp)',
        'await registerMcpRoutes(app, options.mcp)\n  await app.register(async (scope) => registerInternal(scope, options as never))',
      ),
    ],
  },
  {
    attack: 'T-26',
    test: OUTAGE,
    title: 'the portal’s user of Redis can do nothing with an admission key',
    edits: [edit('docker-compose.yml', 'resetchannels ~{portal}:*', 'resetchannels ~*')],
  },
  {
    attack: 'T-27',
    test: OUTAGE,
    title: 'flushed: a revoked token is never let in and a good one never called invalid',
    edits: [
      edit(
        'src/mcp/admission/admission-script.ts',
        "if not mark or tonumber(mark) < tonumber(words[1 + i]) then return {'unprimed'} end",
        '',
      ),
    ],
  },
  {
    attack: 'T-27',
    test: OUTAGE,
    title: 'rolled back to an older state: 503 until it holds everything again',
    edits: [
      edit(
        'src/kernel/projector.ts',
        'if (this.#reason === null) return this.#mark',
        'if (this.#reason === null) return 0',
      ),
    ],
  },
  {
    attack: 'T-27',
    test: 'test/contract/redis-outage.test.ts',
    title: 'that is slow fails within the deadline, and is used again when it is quick',
    edits: [edit('src/kernel/redis.ts', 'afterMs: commandTimeoutMs', 'afterMs: 60_000')],
  },
  {
    attack: '',
    test: VISITS,
    title: '%s does not open it, and the handle is not used up by trying',
    edits: [
      edit('src/mcp/vault/guards.ts', "if (request.headers.origin !== portalUrl) return err('origin')", ''),
    ],
  },
  {
    attack: '',
    test: VISITS,
    title: 'a used handle does not open it again, also of 20 at once',
    edits: [
      edit(
        'src/mcp/vault/visits.ts',
        'await this.#store.take(handleKey(handle))',
        'await this.#store.get(handleKey(handle))',
      ),
    ],
  },
  {
    attack: '',
    test: VISITS,
    title: 'with another person’s handle it is their visit: it names them, and its outcome is theirs alone',
    edits: [
      edit(
        'src/mcp/vault/visits.ts',
        'if (seen?.sub !== owner.sub || seen.sid !== owner.sid) return null',
        'if (seen === null) return null',
      ),
    ],
  },
]
