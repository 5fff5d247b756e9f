/** One guard taken out, and the test that must notice. */
export interface Removal {
  /** Id of the class in `docs/known-attacks.md`; empty for a row without one. */
  readonly attack: string
  readonly test: string
  /** Title of the test or of the group that holds it, as it stands in the source. */
  readonly title: string
  /** All of them together are the guard: where two layers refuse the same, both go. */
  readonly edits: readonly Edit[]
}

export interface Edit {
  readonly file: string
  /** Occurs once in the file. */
  readonly find: string
  readonly replace: string
}

export const JOSE = 'src/crypto/jose.ts'
export const edit = (file: string, find: string, replace: string): Edit => ({ file, find, replace })

/** Headers of JWS and JWE that are compared exactly; what remains is what the library alone would do. */
export const ANY_JWS_HEADER = edit(JOSE, '!isSame(others, format.header)) return err', 'false) return err')
export const ANY_JWS_ALGORITHM = edit(
  JOSE,
  '(await compactVerify(text, key, { algorithms: [alg] })).payload',
  '(await compactVerify(text, key)).payload',
)
export const UNSIGNED = edit(
  JOSE,
  "return err('signature_wrong')",
  "return ok(Buffer.from(text.split('.')[1] ?? '', 'base64url'))",
)
export const ANY_JWE_HEADER = edit(
  JOSE,
  'return success && isSame(others, { ...format.header, ...data }) ? data : null',
  'return success ? data : null',
)
