import { describe, expect, test } from 'vitest'
import { StoreUnavailable } from '../../../src/kernel/store/contract.ts'
import { GatheredReads } from '../../../src/kernel/store/gathered-reads.ts'

/** Reads whose turn ends when the test says so. */
function gathering(answer: (keys: readonly string[]) => Promise<(string | null)[]>): {
  readonly reads: GatheredReads
  readonly asked: (readonly string[])[]
  readonly endTurn: () => void
} {
  const asked: (readonly string[])[] = []
  let atEnd: (() => void)[] = []
  const reads = new GatheredReads({
    read: (keys) => {
      asked.push(keys)
      return answer(keys)
    },
    atEndOfTurn: (work) => void atEnd.push(work),
  })
  const endTurn = (): void => {
    const works = atEnd
    atEnd = []
    for (const work of works) work()
  }
  return { reads, asked, endTurn }
}

const spelled = async (keys: readonly string[]): Promise<(string | null)[]> =>
  Promise.resolve(keys.map((key) => (key.startsWith('absent') ? null : `value of ${key}`)))

describe('reads of one turn', () => {
  test('are one read of each key, and every asker gets its own in its order', async () => {
    const { reads, asked, endTurn } = gathering(spelled)
    const answers = [reads.ask(['mark', 'a']), reads.ask(['absent', 'mark']), reads.ask(['a', 'a'])]
    expect(asked).toEqual([])
    endTurn()
    expect(asked).toEqual([['mark', 'a', 'absent']])
    expect(await Promise.all(answers)).toEqual([
      ['value of mark', 'value of a'],
      [null, 'value of mark'],
      ['value of a', 'value of a'],
    ])
  })

  test('of the next turn are a read of their own, also while the first is under way', async () => {
    let answerFirst: (values: (string | null)[]) => void = () => undefined
    const first = new Promise<(string | null)[]>((resolve) => (answerFirst = resolve))
    let reading = 0
    const { reads, asked, endTurn } = gathering((keys) => (reading++ === 0 ? first : spelled(keys)))
    const early = reads.ask(['a'])
    endTurn()
    const late = reads.ask(['a'])
    endTurn()
    expect(asked).toEqual([['a'], ['a']])
    expect(await late).toEqual(['value of a'])
    answerFirst(['old'])
    expect(await early).toEqual(['old'])
  })

  test('that fail, fail for each asker, and not for later ones', async () => {
    let fails = true
    const { reads, endTurn } = gathering((keys) =>
      fails ? Promise.reject(new Error('silent')) : spelled(keys),
    )
    const failing = [reads.ask(['a']), reads.ask(['b'])].map(async (one) =>
      expect(one).rejects.toThrow('silent'),
    )
    endTurn()
    await Promise.all(failing)
    fails = false
    const later = reads.ask(['b'])
    endTurn()
    expect(await later).toEqual(['value of b'])
  })

  test('of very many keys leave in parts', async () => {
    const { reads, asked, endTurn } = gathering(spelled)
    const keys = Array.from({ length: 700 }, (_, index) => `k${index}`)
    const answers = keys.map(async (key) => reads.ask([key]))
    endTurn()
    expect(asked.map(({ length }) => length)).toEqual([512, 188])
    expect(await Promise.all(answers)).toEqual(keys.map((key) => [`value of ${key}`]))
  })

  test('an answer that is too short is an outage, and absence for nobody', async () => {
    const { reads, endTurn } = gathering(async () => Promise.resolve(['only']))
    const answers = [reads.ask(['a']), reads.ask(['b'])].map(async (one) =>
      expect(one).rejects.toThrow(StoreUnavailable),
    )
    endTurn()
    await Promise.all(answers)
  })
})
