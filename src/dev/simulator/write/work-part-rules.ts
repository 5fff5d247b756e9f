import { BmxError } from '../errors.ts'
import type { Row, Value } from '../plant/plant.ts'
import { localDate } from '../time-zone.ts'
import type { Draft, ObjectRule } from './object-rules.ts'
import type { Saving } from './saving.ts'

/** The parts of a work order: what is planned, what was done, what was noted. */
export const workPartRules: Readonly<Record<string, ObjectRule>> = {
  WPLABOR: {
    readOnly: ['linecost'],
    fill: (draft, saving) => {
      draft['quantity'] ??= 1
      draft['craft'] ??= rateOf(draft['laborcode'], saving)?.['craft']
    },
    settle: (draft, old, saving) => {
      const line = { ...old, ...draft }
      draft['rate'] ??=
        old?.['rate'] ?? rateOf(line['laborcode'], saving)?.['rate'] ?? craftRate(line['craft'], saving)
      draft['linecost'] = product(line['laborhrs'], line['quantity'], draft['rate'])
    },
  },
  WPMATERIAL: {
    readOnly: ['linecost'],
    fill: (draft) => {
      draft['linetype'] ??= 'ITEM'
    },
    settle: (draft, old, saving) => {
      const line = { ...old, ...draft }
      draft['description'] ??= old?.['description'] ?? itemText(line['itemnum'], saving)
      draft['unitcost'] ??= old?.['unitcost'] ?? itemCost(line, saving)
      draft['linecost'] = product(line['itemqty'], draft['unitcost'])
    },
  },
  LABTRANS: {
    readOnly: ['linecost', 'enterdate'],
    fill: (draft, saving) => {
      const rate = rateOf(draft['laborcode'], saving)
      draft['transtype'] ??= 'WORK'
      draft['startdate'] ??= localDate(saving.clock.nowMs(), saving.zone)
      draft['craft'] ??= rate?.['craft']
      draft['payrate'] ??= rate?.['rate']
    },
    settle: (draft, old) => {
      const line = { ...old, ...draft }
      draft['linecost'] = product(line['regularhrs'], line['payrate'])
    },
  },
  MATUSETRANS: {
    isPosted: true,
    readOnly: ['linecost', 'transdate'],
    fill: fillIssue,
    post: takeFromStock,
  },
  WPTOOL: {
    readOnly: ['linecost'],
    fill: (draft) => {
      draft['itemqty'] ??= 1
    },
    settle: (draft, old) => {
      const line = { ...old, ...draft }
      draft['linecost'] = product(line['itemqty'], line['hours'], line['rate'])
    },
  },
  WPSERVICE: {
    readOnly: ['linecost'],
    fill: (draft) => {
      draft['linetype'] ??= 'SERVICE'
    },
    settle: (draft, old) => {
      const line = { ...old, ...draft }
      draft['linecost'] = product(line['itemqty'], line['unitcost'])
    },
  },
  WORKLOG: {
    readOnly: ['createby', 'createdate'],
    fill: (draft) => {
      draft['logtype'] ??= 'CLIENTNOTE'
    },
  },
  FAILUREREPORT: { fill: fillFailure },
  ASSIGNMENT: {
    settle: (draft, old) => {
      if (draft['laborcode'] === undefined) return
      if (old === null) draft['status'] = 'ASSIGNED'
      else if (old['status'] === 'WAITASGN') draft['status'] ??= 'ASSIGNED'
    },
  },
}

function rateOf(laborcode: Value | undefined, { db }: Saving): Row | undefined {
  return laborcode === undefined ? undefined : db.find('LABORCRAFTRATE', 'laborcode', laborcode)[0]
}

const craftRate = (craft: Value | undefined, { db }: Saving): Value | undefined =>
  craft === undefined ? undefined : db.find('LABORCRAFTRATE', 'craft', craft)[0]?.['rate']

const itemText = (itemnum: Value | undefined, { db }: Saving): Value | undefined =>
  itemnum === undefined ? undefined : db.find('ITEM', 'itemnum', itemnum)[0]?.['description']

function itemCost(line: Row, { db }: Saving): Value | undefined {
  const costs = line['itemnum'] === undefined ? [] : db.find('INVCOST', 'itemnum', line['itemnum'])
  return (costs.find((cost) => cost['siteid'] === line['siteid']) ?? costs[0])?.['avgcost']
}

/** Whole cents. */
const product = (...factors: (Value | undefined)[]): number =>
  Math.round(factors.reduce<number>((total, factor) => total * Number(factor ?? 0), 1) * 100) / 100

/** An issue takes out of the store, so its quantity is kept negative. */
function fillIssue(draft: Draft, saving: Saving): void {
  draft['issuetype'] ??= 'ISSUE'
  draft['description'] ??= itemText(draft['itemnum'], saving)
  draft['unitcost'] ??= itemCost(draft, saving)
  const quantity = Math.abs(Number(draft['quantity'] ?? 1))
  draft['quantity'] = draft['issuetype'] === 'RETURN' ? quantity : -quantity
  draft['linecost'] = product(-draft['quantity'], draft['unitcost'])
}

function takeFromStock(row: Row, { db }: Saving): void {
  const { itemnum, storeloc, siteid } = row
  if (itemnum === undefined || storeloc === undefined) return
  const isStock = (one: Row): boolean => one['location'] === storeloc && one['siteid'] === siteid
  for (const table of ['INVBALANCES', 'INVENTORY']) {
    const stock = db.find(table, 'itemnum', itemnum).find(isStock)
    if (stock === undefined) continue
    const curbal = Number(stock['curbal']) + Number(row['quantity'])
    db.update(table, stock, table === 'INVENTORY' ? { curbal, avblbalance: curbal } : { curbal })
  }
}

/** The line of the failure list that the code stands on. @throws BmxError BMXAA4190E when it stands on none. */
function fillFailure(draft: Draft, { db }: Saving): void {
  const lines =
    draft['failurecode'] === undefined ? [] : db.find('FAILURELIST', 'failurecode', draft['failurecode'])
  const line = lines.find((one) => one['type'] !== undefined)
  if (line === undefined) {
    const about = { attribute: 'failurecode', object: 'workorder/failurereport' }
    throw new BmxError(400, 'BMXAA4190E', 'The failure code is not in the value list.', about)
  }
  draft['type'] ??= line['type']
  draft['linenum'] ??= line['failurelist']
}
