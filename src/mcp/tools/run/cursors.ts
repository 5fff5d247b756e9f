import { z } from 'zod'
import { sha256Base64url } from '../../../crypto/digest.ts'
import { openWith, sealWith } from '../../../crypto/sealed.ts'
import type { Clock } from '../../../kernel/clock.ts'
import { err, ok, type Result } from '../../../kernel/result.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'

const TYP = 'mx-cursor+jwe'
const LIFE_MS = 30 * 60_000
/** A sealed cursor of ours is far shorter; longer ones are not worth decrypting. */
const MAX_SEALED = 600

/** Where the next rows start: a page of Maximo, and the rows of it that were already given. */
export interface Place {
  readonly page: number
  readonly skip: number
  readonly pageSize: number
  /** Time of the first page, milliseconds since the epoch: "overdue" means the same on every page. */
  readonly atMs: number
  /** Parts of an export: the unique number of the last row given, … */
  readonly after?: number
  /** … how many were given, … */
  readonly given?: number
  /** … and how many there are; absent: not known. */
  readonly total?: number
}

/** What a cursor belongs to. Another person, environment, tool or question cannot use it. */
export interface Question {
  readonly subject: string
  readonly environment: string
  readonly tool: string
  /** Everything that decides which rows there are and in what order. */
  readonly query: unknown
}

export interface Cursors {
  seal(place: Place, question: Question): Promise<string>
  open(cursor: string, question: Question): Promise<Result<Place, ToolProblem>>
}

const content = z.strictObject({
  /** Digest of the question. */
  q: z.string(),
  p: z.int().min(1),
  s: z.int().min(0),
  z: z.int().min(1),
  t: z.int(),
  a: z.int().optional(),
  g: z.int().min(0).optional(),
  n: z.int().min(0).optional(),
  /** Milliseconds since the epoch. */
  x: z.int(),
})

/** Cursors sealed under `key` (a sub-key of this server): callers can neither read nor make one. */
export function cursorsUnder(key: Uint8Array, clock: Clock): Cursors {
  return {
    seal(place, question) {
      const plain = {
        q: digest(question),
        p: place.page,
        s: place.skip,
        z: place.pageSize,
        t: place.atMs,
        a: place.after,
        g: place.given,
        n: place.total,
        x: clock.nowMs() + LIFE_MS,
      }
      return sealWith(key, TYP, JSON.stringify(plain))
    },
    async open(cursor, question) {
      if (cursor.length > MAX_SEALED) return err(UNREADABLE)
      const opened = await openWith(key, TYP, cursor)
      if (!opened.ok) return err(UNREADABLE)
      const parsed = content.safeParse(JSON.parse(new TextDecoder().decode(opened.value)))
      if (!parsed.success) return err(UNREADABLE)
      const read = parsed.data
      if (read.x <= clock.nowMs()) return err(EXPIRED)
      if (read.q !== digest(question)) return err(FOREIGN)
      return ok({
        ...{ page: read.p, skip: read.s, pageSize: read.z, atMs: read.t },
        ...(read.a !== undefined && { after: read.a }),
        ...(read.g !== undefined && { given: read.g }),
        ...(read.n !== undefined && { total: read.n }),
      })
    },
  }
}

const digest = (question: Question): string =>
  sha256Base64url(
    JSON.stringify([question.subject, question.environment, question.tool, question.query]),
  ).slice(0, 22)

const problem = (what: string, why: string): ToolProblem => ({
  kind: 'cursor_invalid',
  what,
  why,
  next: 'Call the tool again without "cursor" to start from the first row.',
})
const UNREADABLE = problem('The cursor cannot be read.', 'It was cut, changed or not made by this server.')
const EXPIRED = problem('The cursor has expired.', `Cursors live for ${LIFE_MS / 60_000} minutes.`)
const FOREIGN = problem(
  'The cursor belongs to another question.',
  'A cursor continues exactly the call that returned it: same person, environment, tool and arguments (only format, max_tokens and count may differ).',
)
