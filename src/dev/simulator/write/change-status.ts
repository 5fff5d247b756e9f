import { domainRows } from '../domain-values.ts'
import { BmxError, causedBy, notAllowed } from '../errors.ts'
import type { Row } from '../plant/plant.ts'
import type { Mbo } from '../schema/mbo.ts'
import { nextStates } from '../status-machine.ts'
import { statusObject, type StatusObject } from '../status-objects.ts'
import { ruleOf } from './object-rules.ts'
import type { Saving } from './saving.ts'

export interface StatusChange {
  /** A value of the domain, any synonym; not the internal value. */
  readonly status: string
  /** Absent: now. */
  readonly atMs?: number
  readonly memo?: string
}

/**
 * Moves a record to another status: checks the word, the user's right and the move, writes the history, and lets what
 * follows from it happen. Legality is judged by internal values (maximo-api §8.2).
 *
 * @returns the record as it is now.
 * @throws BmxError BMXAA4190E for an unknown word, BMXAA0024E without the right, BMXAA4590E with a cause for the rest.
 */
export function changeStatus(mbo: Mbo, row: Row, change: StatusChange, saving: Saving): Row {
  const kind = statusObject(mbo.name)
  const domain = mbo.attributes.get('status')?.domain ?? null
  if (kind === null || domain === null) throw notAllowed('changeStatus', mbo.name)
  const move = moveOf(mbo, row, { change, domain, saving })
  if (saving.user.deniedStatuses.has(move.to)) throw notAllowed(move.to, mbo.name)
  const cause = objection(mbo, row, move)
  if (cause !== null) throw couldNot(kind, row, change, cause)
  const atMs = change.atMs ?? saving.clock.nowMs()
  const moved = saving.db.update(mbo.name, row, {
    status: change.status,
    statusdate: atMs,
    ...audited(mbo, saving),
    ...ruleOf(mbo.name).onStatus?.(row, move.to, atMs),
  })
  keepHistory(mbo, moved, { kind, change, atMs, saving })
  moveTasks(mbo, moved, change, saving)
  return moved
}

interface Move {
  readonly change: StatusChange
  /** Internal values. */
  readonly from: string
  readonly to: string
  readonly domain: string
  readonly saving: Saving
}

function moveOf(mbo: Mbo, row: Row, at: Pick<Move, 'change' | 'domain' | 'saving'>): Move {
  const words = domainRows(at.saving.db, at.domain)
  const wanted = words.find((one) => one['value'] === at.change.status && isForSite(one, row))
  if (wanted === undefined) {
    const about = { attribute: 'status', object: mbo.name.toLowerCase(), value: at.change.status }
    throw new BmxError(400, 'BMXAA4190E', `Status ${at.change.status} is not in the value list.`, about)
  }
  const current = words.find((one) => one['value'] === row['status'])
  return { ...at, from: String(current?.['maxvalue']), to: String(wanted['maxvalue']) }
}

const isForSite = (word: Row, row: Row): boolean =>
  word['siteid'] === undefined || word['siteid'] === row['siteid']

/** Who changed it, and when, on objects that remember. */
export const audited = (mbo: Mbo, { user, clock }: Saving): Row => ({
  ...(mbo.attributes.has('changeby') ? { changeby: user.userId } : {}),
  ...(mbo.attributes.has('changedate') ? { changedate: clock.nowMs() } : {}),
})

const MAX_MEMO = 50

/** Why the move is refused; null when it is not. */
function objection(mbo: Mbo, row: Row, move: Move): BmxError | null {
  const { change, from, to, saving } = move
  if (change.status === row['status']) {
    return new BmxError(400, 'BMXAA0032E', `The status is already ${change.status}.`)
  }
  if (change.memo !== undefined && change.memo.length > MAX_MEMO) {
    return new BmxError(400, 'BMXAA4049E', `The value of memo is longer than its maximum of ${MAX_MEMO}.`)
  }
  const allowed = nextStates(move.domain, from, saving.rules)
  if (allowed !== null && !isAmong(allowed, from, to)) return illegalMove(from, to)
  return ruleOf(mbo.name).objectTo?.(row, to, saving) ?? null
}

/** Between synonyms of one internal value every state but a final one moves freely. */
const isAmong = (allowed: readonly string[], from: string, to: string): boolean =>
  allowed.includes(to) || (from === to && allowed.length > 0)

function illegalMove(from: string, to: string): BmxError {
  if (to === 'INPRG') return new BmxError(400, 'BMXAA4638E', `Work cannot be initiated from status ${from}.`)
  return new BmxError(400, 'BMXAA4679E', `Status ${to} cannot be reached from status ${from}.`)
}

const couldNot = (kind: StatusObject, row: Row, change: StatusChange, cause: BmxError): BmxError =>
  causedBy(
    'BMXAA4590E',
    `Could not change ${kind.label} ${String(row[kind.number])} status to ${change.status}.`,
    cause,
  )

function keepHistory(
  mbo: Mbo,
  row: Row,
  at: { kind: StatusObject; change: StatusChange; atMs: number; saving: Saving },
): void {
  if (at.kind.history === null) return
  at.saving.db.insert(at.kind.history, {
    ...Object.fromEntries(mbo.key.map((name) => [name, row[name]])),
    status: at.change.status,
    changeby: at.saving.user.userId,
    changedate: at.atMs,
    memo: at.change.memo,
  })
}

/** Tasks follow their work order wherever they may. */
function moveTasks(mbo: Mbo, row: Row, change: StatusChange, saving: Saving): void {
  if (mbo.name !== 'WORKORDER' || row['istask'] === true) return
  const tasks = saving.db
    .find('WORKORDER', 'parent', row['wonum'] ?? '')
    .filter((task) => task['siteid'] === row['siteid'] && task['istask'] === true)
  for (const task of [...tasks]) {
    try {
      saving.db.transact(() => changeStatus(mbo, task, change, saving))
    } catch (error) {
      if (!(error instanceof BmxError)) throw error
    }
  }
}
