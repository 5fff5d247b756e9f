import { revocationTarget, type RevocationTarget } from '../crypto/internal-api.ts'
import { isoTime, readIsoTime, type Clock } from '../kernel/clock.ts'
import { err, ok, type Result } from '../kernel/result.ts'

/** What can be ended by name, and the member of its target that holds the name. */
const NAMED = { user: 'sub', client: 'cid', env: 'env', key: 'kid' } as const

/** Reads `user <id>`, `before <time>` and so on; the error is a sentence for the person at the keyboard. */
export function readTarget(words: readonly string[], clock: Clock): Result<RevocationTarget, string> {
  const [kind = '', ...given] = words
  if (kind === '') return err('Say what is to end.')
  if (!isNamed(kind) && !isTimed(kind)) return err(`“${kind}” is nothing that can be ended.`)
  if (given.length !== (kind === 'window' ? 2 : 1))
    return err(`\`${kind}\` takes ${kind === 'window' ? 'two times' : 'one word'}.`)
  return isNamed(kind) ? readNamed(kind, given[0]) : readTimes(kind, given, clock)
}

const isTimed = (kind: string): kind is 'before' | 'window' => kind === 'before' || kind === 'window'
const isNamed = (kind: string): kind is keyof typeof NAMED => Object.hasOwn(NAMED, kind)

function readNamed(kind: keyof typeof NAMED, name: string | undefined): Result<RevocationTarget, string> {
  const target = revocationTarget.safeParse({ kind, [NAMED[kind]]: name })
  return target.success ? ok(target.data) : err(`“${name ?? ''}” cannot be the id of that.`)
}

/** With its zone, since an hour off would end the wrong people's work. */
function readTimes(
  kind: 'before' | 'window',
  words: readonly string[],
  clock: Clock,
): Result<RevocationTarget, string> {
  const read = (word = ''): number | null => (word === 'now' ? clock.nowMs() : readIsoTime(word))
  const one = read(words[0])
  if (kind === 'before') return one === null ? err(NO_TIME) : ok({ kind, beforeMs: one })
  const other = read(words[1])
  return one === null || other === null ? err(NO_TIME) : ok({ kind, fromMs: one, toMs: other })
}

/** What ended, in the words of the command. */
export function nameTarget(target: RevocationTarget): string {
  switch (target.kind) {
    case 'token':
      return `token ${target.rid}`
    case 'grant':
      return `grant ${target.gid}`
    case 'user':
      return `user ${target.sub}`
    case 'client':
      return `client ${target.cid}`
    case 'env':
      return `env ${target.env}`
    case 'key':
      return `key ${target.kid}`
    case 'before':
      return `before ${isoTime(target.beforeMs)}`
    case 'window':
      return `window ${isoTime(target.fromMs)} ${isoTime(target.toMs)}`
  }
}

const NO_TIME = 'A time is `now`, or has its zone: 2026-11-22T08:00:00Z or 2026-11-22T09:00:00+01:00.'
