import { Secret } from '../kernel/secret.ts'
import { err, ok, type Result } from '../kernel/result.ts'
import { receiptClaims, type ReceiptClaims } from './claims.ts'
import type { Receipt } from './credential.ts'
import { RECEIPT } from './formats.ts'
import { encrypt, openJwe } from './jose.ts'
import type { McpKeys } from './keys/key-ring.ts'
import { largestPart } from './largest-part.ts'
import type { Reason, TooLong } from './reason.ts'
import { readStrictJson } from './strict-json.ts'

export interface OpenedReceipt {
  readonly receipt: Receipt
  readonly kid: string
}

/**
 * Makes a grant receipt. Only the MCP server holds the key, so only it can make or read one. A receipt for `ci` names its
 * token (`jti`, `kids`); one for `at` has a latest expiry (`max`) and names none.
 * @throws when the receipt breaks its schema or that rule: the MCP server's own bug
 */
export async function sealReceipt(
  receipt: Receipt,
  keys: Pick<McpKeys, 'receipt'>,
): Promise<Result<string, TooLong>> {
  const claims = receiptClaims.parse({ ...receipt, c: { ...receipt.c, k: receipt.c.k.reveal() } })
  if (!isWhole(claims)) throw new Error(`a receipt of kind ${claims.knd} lacks what its kind needs`)
  const jwe = await encrypt(RECEIPT, keys.receipt.active, { plaintext: JSON.stringify(toRow(claims)) })
  if (jwe.length <= RECEIPT.maxChars) return ok(jwe)
  return err({ reason: 'too_long', part: largestPart(claims), chars: jwe.length, maxChars: RECEIPT.maxChars })
}

/** Opens a receipt of our own. Whose token carries it is the caller's to compare. */
export async function openReceipt(
  jwe: string,
  keys: Pick<McpKeys, 'receipt'>,
): Promise<Result<OpenedReceipt, Reason>> {
  const opened = await openJwe(RECEIPT, jwe, keys.receipt)
  if (!opened.ok) return opened
  const claims = readRow(opened.value.plaintext)
  if (claims === null) return err('payload_malformed')
  const { key } = opened.value
  if (key.state === 'ci-only' && claims.knd !== 'ci') return err('key_ci_only')
  const { c, ...rest } = claims
  return ok({ receipt: { ...rest, c: { ...c, k: new Secret(c.k) } }, kid: key.kid })
}

/** An automation token is listed by id and pins its keys; any other has an end. */
const isWhole = ({ knd, jti, kids, max }: ReceiptClaims): boolean =>
  knd === 'ci'
    ? jti !== undefined && kids !== undefined
    : jti === undefined && kids === undefined && max !== undefined

/**
 * A receipt travels inside every token and its characters count 1.8 times there, so it is written as a row: the values
 * in the order of {@link COLUMNS}, then those of the credential, `null` for what is absent. Columns behind the first
 * {@link FIRST_COLUMNS} are left out from the last one with a value on, so a receipt of before them reads as one without.
 */
function toRow({ c, ...claims }: ReceiptClaims): unknown[] {
  const last = COLUMNS.findLastIndex((name) => claims[name] !== undefined)
  const written = COLUMNS.slice(0, Math.max(FIRST_COLUMNS, last + 1))
  return [...written.map((name) => claims[name] ?? null), c.u, c.x === undefined ? c.a : `${c.a} ${c.x}`, c.k]
}

function readRow(plaintext: Uint8Array): ReceiptClaims | null {
  const json = readStrictJson(plaintext)
  if (!json.ok || !Array.isArray(json.value)) return null
  const row: readonly unknown[] = json.value
  const written = row.length - CREDENTIAL_COLUMNS
  if (written < FIRST_COLUMNS || written > COLUMNS.length) return null
  const [u, a, k] = row.slice(written)
  const present = COLUMNS.slice(0, written).flatMap((name, index) =>
    row[index] === null ? [] : [[name, row[index]] as const],
  )
  const parsed = receiptClaims.safeParse({ ...Object.fromEntries(present), c: { u, ...readMethod(a), k } })
  return parsed.success && isWhole(parsed.data) ? parsed.data : null
}

/** The method, and behind a space the client certificate where there is one. */
function readMethod(text: unknown): { readonly a: unknown; readonly x?: string } {
  const [, a, x] = typeof text === 'string' ? (/^([a-z]+) (.+)$/.exec(text) ?? []) : []
  return x === undefined ? { a: text } : { a, x }
}

/** Part of the format: append only, and raise `v` when the meaning of a column changes. */
const COLUMNS = [
  'v',
  'sub',
  'sid',
  'env',
  'ver',
  'cid',
  'scp',
  'knd',
  'gid',
  'prf',
  'pla',
  'fea',
  'at',
  'max',
  'jti',
  'kids',
  'obj',
  'rsk',
  'net',
] as const satisfies readonly (keyof Omit<ReceiptClaims, 'c'>)[]

/** What every receipt has had from the start. */
const FIRST_COLUMNS = 16
const CREDENTIAL_COLUMNS = 3
