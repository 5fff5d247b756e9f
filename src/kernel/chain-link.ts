import { createHash, hash } from 'node:crypto'

/** Length of `,"h":"` + 43 characters of base64url + `"}`, which ends every line. */
const TAIL_BYTES = 51
const HASH_AT = 45

/** One complete line of a chained file. */
export interface ChainedLine {
  /** Position in the chain, from 1. */
  readonly n: number
  /** The line as it stands in the file, without its newline. */
  readonly text: string
  readonly hash: string
  /** Set where it stands for records that were left out: the first of them; `n` is the last. */
  readonly skipsFrom?: number
}

/** Where a chain stands: number and hash of its last line. */
export interface ChainTip {
  readonly n: number
  readonly hash: string
}

/**
 * Makes the next line of a chain: the members of `body` between `n` and `h`, where
 * `h` = base64url(SHA-256(hash of the line before + this line without `h`)).
 *
 * @param body the text of a JSON object with at least one member
 */
export function nextLine(tip: ChainTip, body: string): ChainedLine {
  const n = tip.n + 1
  const open = `{"n":${n},${body.slice(1, -1)}`
  const linked = hash('sha256', `${tip.hash}${open}}`, 'base64url')
  return { n, text: `${open},"h":"${linked}"}`, hash: linked }
}

/** What {@link nextLine} made a line of: to put the same content into another chain. */
export const bodyOf = ({ text }: Pick<ChainedLine, 'text'>): string =>
  `{${text.slice(text.indexOf(',') + 1, -TAIL_BYTES)}}`

/** Checks that the bytes are the line after `tip`. Returns its hash, or what is wrong with it. */
export function checkLine(
  tip: ChainTip,
  bytes: Buffer,
): { readonly hash: string } | { readonly wrong: string } {
  const n = tip.n + 1
  const start = `{"n":${n},`
  const open = bytes.subarray(0, -TAIL_BYTES)
  if (open.length <= start.length) return { wrong: 'not a record' }
  if (open.toString('latin1', 0, start.length) !== start) return { wrong: `not record ${n} of the chain` }
  const linked = createHash('sha256').update(tip.hash).update(open).update('}').digest('base64url')
  if (bytes.toString('latin1', open.length) !== `,"h":"${linked}"}`) {
    return { wrong: 'its hash does not follow from its content and the record before' }
  }
  return { hash: linked }
}

/** The number that a line of a verified file carries: of a skip, that of the last record that it stands for. */
export const numberOfLine = (text: string): number => Number.parseInt(text.slice('{"n":'.length), 10)

/** The hash that a line of a verified file carries. */
export const hashOfLine = (text: string): string => text.slice(-HASH_AT, -2)

/**
 * What stands for the records `from` to `last.n` where a compaction left them out. Its hash is that of the last of them,
 * which follows from all of them, so the chain goes on behind it.
 */
export const skipLine = (from: number, last: ChainTip): ChainedLine => ({
  n: last.n,
  text: `{"n":${last.n},"from":${from},"h":"${last.hash}"}`,
  hash: last.hash,
  skipsFrom: from,
})

/** `null` for a line that is a record. */
export function readSkip(line: string | Buffer): ChainedLine | null {
  if (line.length > MAX_SKIP_CHARS) return null
  const [, n, from, hash] = SKIP.exec(typeof line === 'string' ? line : line.toString('latin1')) ?? []
  return hash === undefined ? null : skipLine(Number(from), { n: Number(n), hash })
}

/** Checks that a skip goes on after `tip`. What it left out cannot be checked any more: the record of the compaction can. */
export const checkSkip = (
  tip: ChainTip,
  { n, hash, skipsFrom = 0 }: ChainedLine,
): { readonly hash: string } | { readonly wrong: string } =>
  skipsFrom === tip.n + 1 && n >= skipsFrom ? { hash } : { wrong: `not record ${tip.n + 1} of the chain` }

const SKIP = /^\{"n":(\d{1,15}),"from":(\d{1,15}),"h":"([A-Za-z0-9_-]{43})"\}$/
const MAX_SKIP_CHARS = 100
