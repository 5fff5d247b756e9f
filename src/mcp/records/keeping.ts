import { isDetectionOver } from '../../audit/detection/kept-detections.ts'
import type { BeginKeeping, Keeping } from '../../kernel/compaction/keeping.ts'
import { Latest } from '../../kernel/compaction/latest.ts'
import type { JournalEntry } from '../../kernel/journal.ts'
import { type ChangeStep, doubtfulRecord, KEPT_MS } from './changes.ts'
import { type McpRecord, readRecord, type RecordData } from './entries.ts'
import { recordKeys } from './keys.ts'
import { markKeyOf } from './projection.ts'

/** Which records of an MCP server's journal are still of consequence, by type; reasons stand at each. */
export const keepingOfMcp: BeginKeeping = (atMs) => new McpKeeping(atMs)

class McpKeeping implements Keeping {
  readonly #atMs: number
  readonly #latest = new Latest()
  readonly #removed = new Set<string>()
  readonly #changes = new Map<string, NotedChange>()

  constructor(atMs: number) {
    this.#atMs = atMs
  }

  note(entry: JournalEntry): void {
    const record = recordOf(entry)
    const same = replacedBy(record)
    if (same !== null) this.#latest.note(same.key, entry, same.weight)
    if (record.type === 'environment.removed') this.#removed.add(record.data.env)
    if (record.type === 'change.begun') this.#changeOf(record).begun = record.data
    if (record.type === 'change.step') this.#changeOf(record).steps.set(record.data.index, record.data)
    if (record.type === 'change.ended') this.#changeOf(record).isEnded = true
  }

  keeps(entry: JournalEntry): boolean {
    const record = recordOf(entry)
    switch (record.type) {
      // Over a day after their last second nothing that they allow or refuse can be shown any more.
      case 'grant.attested':
      case 'allow.added':
        return !this.#isOver(record.data.maxS)
      case 'revocation.made':
        return this.#keepsRevocation(record.data, entry)
      // It ends a token that has no end of its own, which another server's journal may allow.
      case 'grant.limited':
        return true
      // One of them counts, and an earlier one never again: they are compared by version or time, or the last one wins.
      case 'grant.used':
      case 'plan.recorded':
      case 'plan.capped':
        return this.#latest.keeps(replacedBy(record)?.key ?? '', entry)
      // An environment's id is never used again: once it is removed, its credentials are forgotten.
      case 'credential.saved':
      case 'credential.confirmed':
      case 'credential.reverted':
        return !this.#removed.has(record.data.env)
      // Else the environment would be there again.
      case 'environment.removed':
        return true
      case 'change.begun':
      case 'change.step':
      case 'change.ended':
        return this.#keepsChange(record.data.id)
      // Listed for a while.
      case 'detection.raised':
      case 'detection.settled':
        return !isDetectionOver(record.writtenMs, this.#atMs)
    }
  }

  #keepsRevocation(revocation: RecordData<'revocation.made'>, entry: JournalEntry): boolean {
    const { target, untilS } = revocation
    switch (target.kind) {
      // Of what never ends by itself, or of which that is not known, it is kept for good.
      case 'token':
      case 'grant':
        return !this.#isOver(untilS)
      case 'window':
        return true
      // Watermarks only grow: a lower one says nothing beside a higher one.
      case 'before':
      case 'client':
      case 'env':
      case 'key':
      case 'user':
        return this.#latest.keeps(markKeyOf(target), entry)
    }
  }

  /** As long as somebody may ask for it, and for good while nobody knows what became of it, or who began it. */
  #keepsChange(id: string): boolean {
    const { begun, steps, isEnded, lastMs } = this.#changes.get(id) ?? UNHEARD_OF
    if (begun === null || doubtfulRecord({ ...begun, steps, isEnded }) !== null) return true
    return lastMs + KEPT_MS + DAY_MS > this.#atMs
  }

  #changeOf({ data: { id }, writtenMs }: RecordOfChange): NotedChange {
    const noted = this.#changes.get(id) ?? { ...UNHEARD_OF, steps: new Map<number, ChangeStep>() }
    noted.lastMs = Math.max(noted.lastMs, writtenMs)
    this.#changes.set(id, noted)
    return noted
  }

  #isOver(lastS: number | null): boolean {
    return lastS !== null && lastS * 1000 + DAY_MS <= this.#atMs
  }
}

type RecordOfChange = Extract<McpRecord, { type: `change.${string}` }>

interface NotedChange {
  begun: RecordData<'change.begun'> | null
  readonly steps: Map<number, ChangeStep>
  isEnded: boolean
  /** When the last record of it was written. */
  lastMs: number
}

const UNHEARD_OF: NotedChange = { begun: null, steps: new Map(), isEnded: false, lastMs: 0 }

const recordOf = ({ type, data, atMs }: JournalEntry): McpRecord => readRecord(type, data, atMs)

/** What a later record of the same key replaces, if it weighs as much; `null` for types that nothing replaces. */
function replacedBy(record: McpRecord): { readonly key: string; readonly weight: number } | null {
  switch (record.type) {
    case 'grant.used':
      return { key: recordKeys.lastUse(record.data.gid), weight: record.data.atMs }
    case 'plan.recorded':
      return { key: recordKeys.plan(record.data.sub), weight: record.data.iatS }
    case 'plan.capped':
      return { key: `cap:${record.data.sub}`, weight: record.data.atS }
    case 'revocation.made':
      return replacedByMark(record.data)
    case 'allow.added':
    case 'change.begun':
    case 'change.ended':
    case 'change.step':
    case 'credential.confirmed':
    case 'credential.reverted':
    case 'credential.saved':
    case 'detection.raised':
    case 'detection.settled':
    case 'environment.removed':
    case 'grant.attested':
    case 'grant.limited':
      return null
  }
}

function replacedByMark({ target, markMs }: RecordData<'revocation.made'>): ReturnType<typeof replacedBy> {
  switch (target.kind) {
    case 'grant':
    case 'token':
    case 'window':
      return null
    case 'before':
    case 'client':
    case 'env':
    case 'key':
    case 'user':
      return { key: markKeyOf(target), weight: markMs }
  }
}

const DAY_MS = 86_400_000
