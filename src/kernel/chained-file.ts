/** One complete line of a chained file, verified. */
export interface ChainedLine {
  /** Position in the chain, from 1. */
  readonly n: number
  /** The line as it stands in the file, without its newline. */
  readonly text: string
  readonly hash: string
}

export interface ChainedFileOptions {
  /** The folder is made (0700) when it is missing, the file (0600) too. */
  readonly path: string
  /** What the first line's hash is chained to. */
  readonly genesis: string
  /** Called for every line while the file is verified at open, in order. */
  readonly onLine?: (line: ChainedLine) => void
}

/**
 * An append-only file of JSON lines, each chained to the one before: `h` = base64url(SHA-256(previous `h` + the line
 * without `h`)).
 */
export interface ChainedFile {
  readonly path: string
  /** Number and hash of the last durable line; 0 and the genesis while the file is empty. */
  readonly last: { readonly n: number; readonly hash: string }
  /** Bytes of a half-written last line that were cut at open; 0 normally. */
  readonly tornBytes: number
  /**
   * Adds one record. Resolves in order, after `fdatasync`. `n` and `h` are added around the members of `body`.
   *
   * @param body the text of a JSON object with at least one member
   * @throws DiskUnavailable when it could not be made durable; nothing of it remains in the chain, later appends try again
   */
  append(body: string): Promise<ChainedLine>
  /** The durable lines from `n` on, in order, up to the last one at the time of the call. */
  lines(from?: number): AsyncIterable<ChainedLine>
  /** Writes what is pending, then releases the file. Appends after it reject. */
  close(): Promise<void>
}

/** The file system refused or failed a write: disk full, read-only, I/O error. */
export class DiskUnavailable extends Error {
  override readonly name = 'DiskUnavailable'
}

/** The chain of a file does not hold. Names the file and the first bad line. */
export class BrokenChain extends Error {
  override readonly name = 'BrokenChain'
  readonly file: string
  readonly line: number

  constructor(file: string, line: number, what: string) {
    super(`${file}:${line}: ${what}`)
    this.file = file
    this.line = line
  }
}

/**
 * Opens or makes a chained file for this process alone. A half-written last line is cut (it was never acknowledged).
 *
 * @throws BrokenChain when any line does not follow its predecessor
 * @throws Error when another live process has it open
 */
export function openChainedFile(options: ChainedFileOptions): Promise<ChainedFile> {
  return Promise.reject(new Error(`not yet: ${options.path}`))
}
