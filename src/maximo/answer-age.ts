/** How old what a call was told may be: who brings one takes kept answers too, and says so with what he makes of them. */
export class AnswerAge {
  #oldestMs = 0

  /** Milliseconds; 0: all of it was read now. */
  get oldestMs(): number {
    return this.#oldestMs
  }

  used(ageMs: number): void {
    this.#oldestMs = Math.max(this.#oldestMs, ageMs)
  }
}
