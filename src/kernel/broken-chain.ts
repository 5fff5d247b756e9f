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
