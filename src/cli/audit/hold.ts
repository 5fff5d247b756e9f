import { type Hold, hold, readHolds, writeHolds } from '../../audit/retention/holds.ts'
import { isoTime, systemClock } from '../../kernel/clock.ts'
import { randomId } from '../../kernel/random.ts'
import { visible } from '../../mcp/tools/result/visible.ts'
import type { Out } from '../keys.ts'
import { readOptions } from '../read-options.ts'
import { subjectKeysOf } from './persons.ts'
import { type AuditPlace, type Env, findAuditPlace, tellUnreadable } from './place.ts'
import { readPeriod } from './selection.ts'

export const HOLD_USAGE = `maximo-mcp audit hold place --why <text> [--principal <id>] [--from <time>] [--to <time>]
maximo-mcp audit hold list | release <id>
    A legal hold: what it names is not removed, however old, nor made unreadable.
maximo-mcp audit erase <user id>
    Makes everything personal about a person unreadable in the logs (AUDIT_RETENTION with gdpr), within a minute of each
    service running. What is held is not erased.`

/** 0; 1 when there is no such hold, 64 for wrong usage, 66 when there is no log or its holds cannot be read. */
export async function runHold(args: readonly string[], env: Env, out: Out): Promise<number> {
  const read = readOptions({
    args: [...args],
    allowPositionals: true,
    options: {
      ...{ data: { type: 'string' }, why: { type: 'string' }, principal: { type: 'string' } },
      ...{ from: { type: 'string' }, to: { type: 'string' } },
    },
  })
  const [command = '', id, ...more] = read?.positionals ?? []
  const act = Object.hasOwn(ACTS, command) && more.length === 0 ? ACTS[command] : undefined
  if (read === null || act === undefined) return misused(HOLD_USAGE, out)
  const place = findAuditPlace(read.values.data, env, out)
  if (place === null) return 66
  try {
    return await act({ ...read.values, id, place, out })
  } catch (error) {
    return tellUnreadable(error, out)
  }
}

interface Task {
  readonly id: string | undefined
  readonly why?: string | undefined
  readonly principal?: string | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly place: AuditPlace
  readonly out: Out
}

const ACTS: Readonly<Record<string, (task: Task) => Promise<number>>> = { place, list, release }

async function place(task: Task): Promise<number> {
  const {
    place: { folders },
    out,
  } = task
  const placed = readHold(task)
  if (typeof placed === 'string') return misused(placed, out)
  for (const folder of folders) await writeHolds(folder, [...(await readHolds(folder)), placed])
  out.line(`hold ${placed.id}`)
  return 0
}

/** @returns what is wrong, for a person, or the hold */
function readHold({ id, why, principal, from, to }: Task): Hold | string {
  const period = readPeriod(from, to)
  if (typeof period === 'string') return period
  const named = hold.safeParse({
    ...{ id: randomId(), why, subject: principal },
    ...{ from: timeOf(period.fromMs), to: timeOf(period.toMs) },
  })
  return id === undefined && named.success ? named.data : HOLD_USAGE
}

const timeOf = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : isoTime(ms))

async function list({ place: { folders }, out }: Task): Promise<number> {
  const holds = new Map((await Promise.all(folders.map(readHolds))).flat().map((one) => [one.id, one]))
  for (const { id, subject, from, to, why, released } of holds.values()) {
    const whom = subject === undefined ? 'everybody' : visible(subject)
    const state = released === undefined ? 'in force' : `released ${released}`
    out.line(`${id}  ${whom}  ${from ?? '…'} to ${to ?? '…'}  ${state}  ${visible(why)}`)
  }
  return 0
}

async function release({ id, place: { folders }, out }: Task): Promise<number> {
  if (id === undefined) return misused(HOLD_USAGE, out)
  let isFound = false
  const released = isoTime(systemClock.nowMs())
  for (const folder of folders) {
    const holds = await readHolds(folder)
    if (!holds.some((one) => one.id === id && one.released === undefined)) continue
    isFound = true
    await writeHolds(
      folder,
      holds.map((one) => (one.id === id ? { ...one, released } : one)),
    )
  }
  if (isFound) return 0
  out.problem(`There is no hold ${visible(id)} that is in force.`)
  return 1
}

/** 0, 64 for wrong usage, 66 when there is no log. */
export async function runErase(args: readonly string[], env: Env, out: Out): Promise<number> {
  const read = readOptions({ args: [...args], allowPositionals: true, options: { data: { type: 'string' } } })
  const [subject, ...more] = read?.positionals ?? []
  if (read === null || subject === undefined || more.length > 0) return misused(HOLD_USAGE, out)
  const found = findAuditPlace(read.values.data, env, out)
  if (found === null) return 66
  for (const keys of subjectKeysOf(found)) await keys.requestErasure(subject)
  out.line('Each service erases the key within a minute, or when it is started, and writes so into its log.')
  return 0
}

function misused(text: string, out: Out): number {
  out.problem(text)
  return 64
}
