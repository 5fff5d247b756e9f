import type { EnvironmentClass } from '../../crypto/internal-api.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { RecordData } from './entries.ts'
import { recordKeys } from './keys.ts'

/** The credential that serves an owner's environment. */
export interface SavedCredential {
  readonly ver: number
  readonly blob: string
  readonly origin: string
  readonly label: string
  readonly about: AboutCredential
  /** Still there to go back to. */
  readonly previous: { readonly ver: number; readonly blob: string } | null
}

/** What is known of a credential beside its content. */
export interface AboutCredential {
  /** When a person chose it, milliseconds. */
  readonly sinceMs: number
  readonly cls: EnvironmentClass
  /** Whether its Maximo user is an administrator; null: not known. */
  readonly admin: boolean | null
}

type Settled = Owned & { readonly ver: number; readonly blob?: string }

export interface Owned {
  readonly sub: string
  readonly env: string
}

interface Kept extends SavedCredential {
  readonly replacedMs: number
  /** Of the one it replaced, should that come back. */
  readonly aboutPrevious: AboutCredential | null
}

/** The environments of the journal, each with the credential that serves it now. */
export class Credentials {
  readonly #clock: Clock
  readonly #kept = new Map<string, Kept>()
  readonly #environments = new Map<string, Set<string>>()
  readonly #owners = new Map<string, string>()
  readonly #removed = new Set<string>()
  /** Decisions of another server about a credential whose record has not arrived yet. */
  readonly #early = new Map<string, Settled>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  newest(owned: Owned): SavedCredential | null {
    const kept = this.#kept.get(recordKeys.credential(owned))
    if (kept === undefined) return null
    const isForgotten = this.#clock.nowMs() - kept.replacedMs > KEEP_PREVIOUS_MS
    return isForgotten ? { ...kept, previous: null } : kept
  }

  /** The newest of each of the owner's environments. */
  of(subject: string): readonly { readonly env: string; readonly saved: SavedCredential }[] {
    return [...(this.#environments.get(subject) ?? [])].flatMap((env) => {
      const saved = this.newest({ sub: subject, env })
      return saved === null ? [] : [{ env, saved }]
    })
  }

  ownerOf(environment: string): string | null {
    return this.#owners.get(environment) ?? null
  }

  isRemoved(environment: string): boolean {
    return this.#removed.has(environment)
  }

  save(record: RecordData<'credential.saved'>, writtenMs: number): void {
    const { sub, env, ver, blob, origin, label, previous } = record
    const key = recordKeys.credential({ sub, env })
    const former = this.#kept.get(key)
    this.#owners.set(env, sub)
    if (this.#isOutdated(former, record)) return
    this.#environments.set(sub, (this.#environments.get(sub) ?? new Set()).add(env))
    this.#kept.set(key, {
      ...{ ver, blob, origin, label, previous },
      about: aboutOf(record, former?.about ?? UNKNOWN, writtenMs),
      aboutPrevious: former === undefined ? null : aboutPrevious(record, former),
      replacedMs: writtenMs,
    })
    const early = this.#early.get(key)
    if (early !== undefined && this.#early.delete(key)) this.settle(early)
  }

  /** Versions only grow: another server has replaced this one since, or the environment is gone. */
  #isOutdated(former: Kept | undefined, { ver, env }: RecordData<'credential.saved'>): boolean {
    return (former !== undefined && former.ver >= ver) || this.#removed.has(env)
  }

  /** `blob`: the former content is back under a new version. */
  settle(settled: Settled): void {
    const key = recordKeys.credential(settled)
    const kept = this.#kept.get(key)
    if (kept === undefined || (settled.blob === undefined && settled.ver > kept.ver)) {
      this.#early.set(key, settled)
      return
    }
    if (settled.ver < kept.ver) return
    const { ver, blob = kept.blob } = settled
    const about = settled.blob === undefined ? kept.about : (kept.aboutPrevious ?? kept.about)
    this.#kept.set(key, { ...kept, ver, blob, about, previous: null })
  }

  remove({ sub, env }: Owned): void {
    this.#removed.add(env)
    this.#owners.set(env, sub)
    this.#kept.delete(recordKeys.credential({ sub, env }))
  }
}

const aboutOf = (
  { since, cls, admin }: RecordData<'credential.saved'>,
  former: Pick<AboutCredential, 'cls' | 'admin'>,
  writtenMs: number,
): AboutCredential => ({
  sinceMs: since ?? writtenMs,
  cls: cls ?? former.cls,
  admin: admin ?? former.admin,
})

/** What a server renewed by itself leaves the one to go back to as it was. */
const aboutPrevious = ({ previous }: RecordData<'credential.saved'>, former: Kept): AboutCredential | null =>
  former.ver === previous?.ver ? former.about : former.aboutPrevious

const UNKNOWN = { cls: 'production', admin: null } as const
/** How long a replaced credential can be brought back (design §4.3). */
const KEEP_PREVIOUS_MS = 7 * 86_400_000
