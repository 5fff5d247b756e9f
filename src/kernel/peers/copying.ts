import type { ChainTip } from '../chain-link.ts'
import type { JournalReader } from '../journal.ts'

/** A part of a writer's journal, as it stands in its file, and what it follows. */
export interface Copied {
  readonly after: ChainTip
  readonly lines: readonly string[]
}

/**
 * `kept`: on the device. `elsewhere`: nothing was kept, the copy ends at `tip`. `forked`: the copy has another history
 * than the sender. `unreadable`: no record of that writer, broken, or of a version that is not known here.
 */
export interface CopyAnswer {
  readonly state: 'kept' | 'elsewhere' | 'forked' | 'unreadable'
  readonly tip: ChainTip
}

/** What a copy holds behind a point; `more`: it goes on behind these. `forked`: that point is not in it. */
export interface FetchAnswer {
  readonly state: 'lines' | 'forked'
  readonly lines: readonly string[]
  readonly more: boolean
}

/** Another server of this service. `null`: no answer. */
export interface Peer {
  readonly id: string
  copy(asked: Copied & { readonly writer: string }): Promise<CopyAnswer | null>
  fetch(asked: { readonly writer: string; readonly after: ChainTip }): Promise<FetchAnswer | null>
}

/** The records behind `seq` that fit into one message, one at least where there is one. */
export async function linesAfter(journal: JournalReader, seq: number, upTo = Infinity): Promise<string[]> {
  const lines: string[] = []
  let chars = 0
  for await (const { n, text } of journal.lines(seq + 1)) {
    chars += text.length
    if (n > upTo || lines.length === MAX_LINES || (lines.length > 0 && chars > MAX_CHARS)) break
    lines.push(text)
  }
  return lines
}

const MAX_LINES = 256
/** Signed and encoded it is a little more than half again as long. */
const MAX_CHARS = 160_000
