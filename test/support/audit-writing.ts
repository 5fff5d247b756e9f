import { writeFile } from 'node:fs/promises'
import { AUDIT_GENESIS } from '../../src/audit/heads.ts'
import { type ChainedLine, type ChainTip, nextLine } from '../../src/kernel/chain-link.ts'

/** Lines that follow from each other, whatever they say: what somebody can write who has no key. */
export class LooseLog {
  readonly lines: ChainedLine[] = []
  readonly #start: ChainTip

  constructor(start: ChainTip = { n: 0, hash: AUDIT_GENESIS }) {
    this.#start = start
  }

  /** What the last line, so far, is. */
  get tip(): ChainTip {
    return this.lines.at(-1) ?? this.#start
  }

  add(record: object): this {
    this.lines.push(nextLine(this.tip, JSON.stringify(record)))
    return this
  }

  /** Writes its lines, from the one of that number on, as a file. */
  async write(path: string, from = 1): Promise<void> {
    await writeFile(path, this.lines.flatMap(({ n, text }) => (n < from ? [] : `${text}\n`)).join(''))
  }
}

/** A record of a log about itself. */
export const ownRecord = (eventType: string, resource: string, more: object = {}): object => ({
  ...{ timestamp: '2026-11-21T08:00:00.000Z', eventType, resource, ...more },
})
