/** The key folder cannot be used. Lists every problem by file name, never a value. The process must not start. */
export class KeyFault extends Error {
  override readonly name = 'KeyFault'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(`keys: ${problems.join('; ')}`)
    this.problems = problems
  }
}
