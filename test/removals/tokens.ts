import {
  ANY_JWE_HEADER,
  ANY_JWS_ALGORITHM,
  ANY_JWS_HEADER,
  edit,
  JOSE,
  UNSIGNED,
  type Removal,
} from './removal.ts'

const FORGERY = 'test/attacks/token-forgery.test.ts'
const CLAIMS = 'test/attacks/token-claims.test.ts'
const SUBSTITUTION = 'test/attacks/token-substitution.test.ts'
const MALLEABILITY = 'test/attacks/token-malleability.test.ts'
const KEYS = 'test/attacks/token-keys.test.ts'

/** Tokens and keys. */
export const TOKENS: readonly Removal[] = [
  {
    attack: 'T-01',
    test: FORGERY,
    title: 'T-01 who has only the public key makes no token',
    edits: [
      edit(
        'src/crypto/token-open.ts',
        "return safeEqual(preTag(key, kid, shape.rid), varying['rt'] ?? '')",
        'return true',
      ),
    ],
  },
  {
    attack: 'T-02',
    test: FORGERY,
    title: 'T-02, T-03 the header does not choose the signature algorithm',
    edits: [ANY_JWS_HEADER, UNSIGNED],
  },
  {
    attack: 'T-03',
    test: FORGERY,
    title: '%s with the public key as secret',
    edits: [ANY_JWS_HEADER, ANY_JWS_ALGORITHM, UNSIGNED],
  },
  {
    attack: 'T-03',
    test: FORGERY,
    title: 'to use one for another purpose is a bug, not a refusal',
    edits: [edit(JOSE, 'if (key.purpose !== purpose) throw', 'if (false) throw')],
  },
  {
    attack: 'T-04',
    test: FORGERY,
    title: 'T-04, T-05, T-06 no header member brings a key, a place or an extension',
    edits: [ANY_JWS_HEADER],
  },
  {
    attack: 'T-05',
    test: FORGERY,
    title: 'kid %j',
    edits: [
      edit(
        'src/crypto/keys/key-ring.ts',
        'find: (kid) => found.get(kid) }',
        'find: (kid) => found.get(kid) ?? loaded[0] }',
      ),
      edit(
        JOSE,
        'const isKid = (value: unknown): value is string =>',
        'const isKid = (value: unknown): value is string => true ||',
      ),
    ],
  },
  {
    attack: 'T-05',
    test: FORGERY,
    title: 'the kid of a key for another purpose, or of none',
    edits: [
      edit(
        'src/crypto/keys/key-ring.ts',
        'find: (kid) => found.get(kid) }',
        'find: (kid) => found.get(kid) ?? loaded[0] }',
      ),
    ],
  },
  {
    attack: 'T-06',
    test: FORGERY,
    title: 'crit with b64 false over an unencoded payload',
    edits: [
      ANY_JWS_HEADER,
      UNSIGNED,
      edit(JOSE, "return err('not_canonical')\n  return readHeader", 'true\n  return readHeader'),
    ],
  },
  {
    attack: 'T-07',
    test: SUBSTITUTION,
    title: 'T-07 an artefact is what it was made as and nothing else',
    edits: [ANY_JWE_HEADER],
  },
  {
    attack: 'T-08',
    test: FORGERY,
    title: 'T-08 the header does not choose the encryption',
    edits: [ANY_JWE_HEADER],
  },
  { attack: 'T-09', test: FORGERY, title: 'T-09 nothing is inflated', edits: [ANY_JWE_HEADER] },
  {
    attack: 'T-10',
    test: MALLEABILITY,
    title: 'T-10 a token that was touched does not open',
    edits: [
      edit(
        JOSE,
        "if (iv.length !== IV_CHARS[enc] || tag.length !== TAG_CHARS) return err('segments_malformed')",
        '',
      ),
    ],
  },
  {
    attack: 'T-11',
    test: MALLEABILITY,
    title: 'T-11 a token has one spelling',
    edits: [
      edit(
        'src/crypto/base64url.ts',
        'if (!ONLY_ALPHABET.test(text)) return false',
        'if (!ONLY_ALPHABET.test(text)) return true',
      ),
    ],
  },
  {
    attack: 'T-12',
    test: FORGERY,
    title: 'T-12 every refusal looks the same from outside',
    edits: [edit(JOSE, "return err('decryption_failed')", "return err('segments_malformed')")],
  },
  {
    attack: 'T-12',
    test: 'test/attacks/admission-token.test.ts',
    title: 'T-12 what is wrong with a token is not told',
    edits: [
      edit(
        'src/mcp/admission/answer-refusal.ts',
        "data: { reason: 'invalid_token' },",
        'data: { ...at, reason: randomUUID() },',
      ),
      edit(
        'src/mcp/admission/answer-refusal.ts',
        "import type { FastifyReply } from 'fastify'",
        "import { randomUUID } from 'node:crypto'\nimport type { FastifyReply } from 'fastify'",
      ),
    ],
  },
  {
    attack: 'T-13',
    test: CLAIMS,
    title: 'T-13 an opened envelope cannot be used again',
    edits: [
      edit('src/crypto/token-checks.ts', "if (claims.jti !== rid) return 'rid_mismatch'", ''),
      edit('src/crypto/token-checks.ts', "if (claims.aud !== audience) return 'audience_wrong'", ''),
    ],
  },
  {
    attack: 'T-14',
    test: CLAIMS,
    title: 'T-14 claims mean one thing, whoever signed them',
    edits: [
      edit(
        'src/crypto/claims.ts',
        'export const accessClaims = z.strictObject({',
        'export const accessClaims = z.looseObject({',
      ),
    ],
  },
  {
    attack: 'T-14',
    test: CLAIMS,
    title: 'time is ours, to the second',
    edits: [edit('src/crypto/token-checks.ts', 'exp + EXP_LEEWAY_S <= now', 'exp + EXP_LEEWAY_S < now')],
  },
  {
    attack: 'T-15',
    test: KEYS,
    title: 'T-15 a swapped public key stops the portal',
    edits: [
      edit(
        'src/crypto/keys/key-folder.ts',
        'return pins[file.kid] === real ? null :',
        'return true ? null :',
      ),
    ],
  },
  {
    attack: 'T-16',
    test: KEYS,
    title: 'T-16 weak and foreign keys are refused',
    edits: [edit('src/crypto/keys/key-folder.ts', '    findWeakness(file.jwk),\n', '')],
  },
  {
    attack: 'T-17',
    test: KEYS,
    title: 'T-17 no private key lies where it must not',
    edits: [edit('src/crypto/keys/key-folder.ts', '    findMisplacement(checked, place.owner),\n', '')],
  },
  {
    attack: 'T-17',
    test: 'test/unit/portal/config.test.ts',
    title: 'the portal has no private key',
    edits: [
      edit(
        'src/portal/config.ts',
        'for (const name of privateKeyVariables(env)) {',
        'for (const name of [] as string[]) {',
      ),
    ],
  },
]
