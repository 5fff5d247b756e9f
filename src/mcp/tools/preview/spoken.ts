/** What a part of a question was taken for. */
export interface Understood {
  readonly words: string
  readonly as: string
}

/** A question in plain words, of which readers take what they understand; what nobody takes is told. */
export class Spoken {
  #rest: string
  readonly understood: Understood[] = []
  readonly #refused: string[] = []

  constructor(question: string) {
    this.#rest = ` ${question.replace(/\s+/g, ' ').trim()} `
  }

  /** The first place where the pattern fits what is left; it is gone then. */
  take(pattern: RegExp): RegExpExecArray | null {
    const found = pattern.exec(this.#rest)
    if (found === null) return null
    const end = found.index + found[0].length
    this.#rest = `${this.#rest.slice(0, found.index)} ${GAP} ${this.#rest.slice(end)}`
    return found
  }

  /** The word or words, whole and in any case. @returns as they were written */
  takeWords(words: string): string | null {
    return this.take(wholeWords(words))?.[0] ?? null
  }

  /** Where the words stand first; -1: nowhere. */
  find(words: string): number {
    return this.#rest.search(wholeWords(words))
  }

  /** What was taken and turns out to mean nothing here is told with the rest. */
  refuse(words: string): void {
    this.#refused.push(...meaningful(words))
  }

  note(words: string, as: string): void {
    this.understood.push({ words: words.trim(), as })
  }

  /** Words that were not taken and that mean something. */
  left(): readonly string[] {
    return [...this.#refused, ...meaningful(this.#rest)]
  }
}

const meaningful = (text: string): readonly string[] =>
  text
    .split(/[\s,;:.?!()"'|]+/)
    .filter((word) => word !== '' && word !== GAP && !FILLING.has(word.toLowerCase()))

/** Stands where something was taken, so that words from either side never meet. */
const GAP = '\u0001'

function wholeWords(words: string): RegExp {
  const pattern = words
    .trim()
    .split(/[\s_]+/)
    .map(escaped)
    .join('[\\s_-]+')
  return new RegExp(`(?<![\\p{L}\\p{N}])${pattern}(?![\\p{L}\\p{N}])`, 'iu')
}

const escaped = (word: string): string => word.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')

const FILLING: ReadonlySet<string> = new Set(
  `a all an and any are as at be can could do does each every find for from get give have has how i in is it its list
  me my of on or our please s see show that the their them there these this those to us was we were what when where
  which who whose with you`.split(/\s+/),
)
