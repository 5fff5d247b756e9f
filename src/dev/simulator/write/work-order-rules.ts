import type { Row, Value } from '../plant/plant.ts'
import type { Draft, ObjectRule } from './object-rules.ts'
import { answerTo, YES, type Saving } from './saving.ts'

/** Work orders and tickets. */
export const workOrderRules: Readonly<Record<string, ObjectRule>> = {
  WORKORDER: {
    autoNumber: 'wonum',
    readOnly: ['historyflag', 'haschildren', ...totalNames(), 'reportedby'],
    fill: fillWorkOrder,
    settle: settleAsset,
    derive: deriveTotals,
    onStatus: workOrderStatus,
    isFrozen: (row) => row['historyflag'] === true,
  },
  TICKET: {
    autoNumber: 'ticketid',
    readOnly: ['historyflag', 'actlabhrs', 'actlabcost', 'hasactivity'],
    fill: fillTicket,
    settle: queueOwned,
    onStatus: ticketStatus,
  },
}

function totalNames(): string[] {
  return ['estlabhrs', 'estlabcost', 'estmatcost', 'actlabhrs', 'actlabcost', 'actmatcost']
}

function fillWorkOrder(draft: Draft, { db, user, clock }: Saving): void {
  draft['woclass'] ??= draft['istask'] === true ? 'ACTIVITY' : 'WORKORDER'
  draft['reportedby'] ??= user.personId
  draft['reportdate'] ??= clock.nowMs()
  if (draft['istask'] !== true || draft['taskid'] !== undefined) return
  const siblings = db.find('WORKORDER', 'parent', draft['parent'] ?? '')
  const last = siblings
    .filter((row) => row['siteid'] === draft['siteid'])
    .reduce((highest, row) => Math.max(highest, Number(row['taskid'] ?? 0)), 0)
  draft['taskid'] = last + TASK_STEP
}

const TASK_STEP = 10

/**
 * An asset brings its location. When the order already names another place, a person is asked (BMXAA4722E); the default
 * is to move the order.
 */
function settleAsset(draft: Draft, old: Row | null, saving: Saving): void {
  const record: Row = { ...old, ...draft }
  const { assetnum, siteid, location } = record
  if (draft['assetnum'] === undefined || assetnum === undefined || assetnum === old?.['assetnum']) return
  const asset = saving.db.find('ASSET', 'assetnum', assetnum).find((row) => row['siteid'] === siteid)
  const place = asset?.['location']
  if (place === undefined || place === location) return
  if (location === undefined || answerTo(saving, moveQuestion(assetnum, place)) === YES)
    draft['location'] = place
}

const moveQuestion = (assetnum: Value, place: Value): Parameters<typeof answerTo>[1] => ({
  id: 'woassetlocation_change',
  code: 'BMXAA4722E',
  text: `Asset ${String(assetnum)} is at location ${String(place)}, not at the location of this record. Use the location of the asset?`,
  byDefault: YES,
})

function deriveTotals(row: Row, { db }: Saving): Draft {
  const of = (table: string, key: string): Row[] =>
    db.find(table, key, row['wonum'] ?? '').filter((line) => line['siteid'] === row['siteid'])
  const [labor, material] = [of('WPLABOR', 'wonum'), of('WPMATERIAL', 'wonum')]
  const [worked, used] = [of('LABTRANS', 'refwo'), of('MATUSETRANS', 'refwo')]
  const tasks = db
    .find('WORKORDER', 'parent', row['wonum'] ?? '')
    .filter((one) => one['siteid'] === row['siteid'])
  return {
    estlabhrs: sum(labor, (line) => Number(line['laborhrs']) * Number(line['quantity'])),
    estlabcost: sum(labor, costOf),
    estmatcost: sum(material, costOf),
    actlabhrs: sum(worked, (line) => Number(line['regularhrs'])),
    actlabcost: sum(worked, costOf),
    actmatcost: sum(used, costOf),
    haschildren: tasks.length > 0,
  }
}

const costOf = (line: Row): number => Number(line['linecost'])

const sum = (lines: readonly Row[], of: (line: Row) => number): number =>
  Math.round(lines.reduce((total, line) => total + of(line), 0) * 100) / 100

function workOrderStatus(row: Row, internal: string, atMs: number): Draft {
  if (internal === 'INPRG') return { actstart: row['actstart'] ?? atMs }
  if (internal === 'COMP') return { actstart: row['actstart'] ?? atMs, actfinish: row['actfinish'] ?? atMs }
  return internal === 'CLOSE' || internal === 'CAN' ? { historyflag: true } : {}
}

function fillTicket(draft: Draft, { user, clock }: Saving): void {
  draft['class'] ??= 'SR'
  draft['reportedby'] ??= user.personId
  draft['reportdate'] ??= clock.nowMs()
  if (draft['assetnum'] !== undefined) draft['assetsiteid'] ??= draft['siteid']
}

/** Naming an owner takes a new request into the queue (maximo-api §8.2). */
function queueOwned(draft: Draft, old: Row | null): void {
  if (draft['owner'] === undefined || old?.['status'] !== 'NEW') return
  draft['status'] ??= 'QUEUED'
}

function ticketStatus(row: Row, internal: string, atMs: number): Draft {
  if (internal === 'INPROG') return { actualstart: row['actualstart'] ?? atMs }
  if (internal === 'RESOLVED') return { actualfinish: row['actualfinish'] ?? atMs }
  return internal === 'CLOSED' ? { historyflag: true } : {}
}
