/** The demo did not see what it promised to show. */
export class DemoFailed extends Error {
  override readonly name = 'DemoFailed'
}

/** Tells each step with its number, and what was seen at it. */
export class Narrator {
  readonly #print: (line: string) => void
  #step = 0

  constructor(print: (line: string) => void) {
    this.#print = print
  }

  step(title: string): void {
    this.#step += 1
    this.#print(`\n${String(this.#step).padStart(2)}. ${title}`)
  }

  saw(text: string): void {
    this.#print(`    ${text}`)
  }

  /** @throws DemoFailed when it does not hold. */
  check(holds: boolean, text: string): void {
    if (!holds) throw new DemoFailed(`Not so: ${text}`)
    this.saw(`✓ ${text}`)
  }
}
