import { err, ok, type Result } from '../../../kernel/result.ts'
import type { ToolProblem } from '../../tools/problem/tool-problem.ts'
import type { Examined } from './examine.ts'
import { problem } from '../problems.ts'

/** The records of a plan as they are sent: one after the other, or all in one request. */
export function arrange(
  examined: readonly Examined[],
  isTogether: boolean,
): Result<readonly Examined[], ToolProblem> {
  const linked = linkFollowers(examined)
  const apart = linked.ok && isTogether ? togetherProblem(linked.value) : null
  return apart === null ? linked : err(apart)
}

/**
 * Two changes of one record in one plan would meet each other's row stamp. Only a new status may follow an update: it
 * goes with the row stamp that the update leaves.
 */
function linkFollowers(examined: readonly Examined[]): Result<readonly Examined[], ToolProblem> {
  const linked: Examined[] = []
  for (const one of examined) {
    const before = linked.findIndex((other) => isSameRecord(other, one))
    if (before >= 0 && !mayFollow(linked, before, one)) return err(TWICE)
    linked.push(before < 0 ? one : { ...one, planned: { ...one.planned, follows: before } })
  }
  return ok(linked)
}

const isSameRecord = (left: Examined, right: Examined): boolean =>
  left.planned.at !== null &&
  left.planned.at.id === right.planned.at?.id &&
  left.planned.wanted.object === right.planned.wanted.object

function mayFollow(linked: readonly Examined[], before: number, one: Examined): boolean {
  const isAlone = !linked.some(({ planned }) => planned.follows === before)
  return isAlone && linked[before]?.planned.wanted.op === 'update' && one.planned.wanted.op === 'status'
}

/** Maximo takes back only what came in one request, and that holds new records and updates of one object. */
function togetherProblem(examined: readonly Examined[]): ToolProblem | null {
  const wanted = examined.map(({ planned }) => planned.wanted)
  const isPlain = wanted.every(
    (one) => (one.op === 'create' || one.op === 'update') && Object.keys(one.children ?? {}).length === 0,
  )
  const isOne = new Set(wanted.map(({ object }) => object)).size === 1
  const isUnasked = examined.every(({ planned: { answers = [] } }) => answers.length === 0)
  return isPlain && isOne && isUnasked ? null : NOT_TOGETHER
}

const TWICE = problem('invalid_input', 'One record stands in this change twice.', {
  next: 'Put its fields into one update, with a new status behind it, or stage the second change when the first is written.',
})
const NOT_TOGETHER = problem('invalid_input', 'These records cannot be written all or nothing.', {
  why: 'Maximo does that only for new records and updates of fields of one object.',
  next: 'Stage it without all_or_nothing: it stops at the first record that is refused, and says which were written.',
})
