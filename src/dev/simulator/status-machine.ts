import type { SimulatorRules } from './rules.ts'

type Moves = Readonly<Record<string, readonly string[]>>

/** Work orders: IBM's table (maximo-api §8.2, column A) with WSCH as a target; cancelling only from WAPPR. */
const WORK: Moves = {
  WAPPR: ['APPR', 'WSCH', 'WMATL', 'INPRG', 'COMP', 'CLOSE', 'CAN'],
  APPR: ['WAPPR', 'WSCH', 'WMATL', 'INPRG', 'COMP', 'CLOSE'],
  WSCH: ['WAPPR', 'APPR', 'WMATL', 'INPRG', 'COMP', 'CLOSE'],
  WMATL: ['WAPPR', 'APPR', 'WSCH', 'INPRG', 'COMP', 'CLOSE'],
  INPRG: ['WAPPR', 'WMATL', 'COMP', 'CLOSE'],
  COMP: ['CLOSE'],
  CLOSE: [],
  CAN: [],
  HISTEDIT: [],
}

/** What IBM's Anywhere client lets a person choose (column C): no closing, cancelling from three states. */
const WORK_ANYWHERE: Moves = {
  WAPPR: ['APPR', 'INPRG', 'WMATL', 'COMP', 'CAN'],
  APPR: ['WAPPR', 'INPRG', 'WMATL', 'COMP', 'CAN'],
  WSCH: ['WAPPR', 'APPR', 'WMATL', 'INPRG', 'COMP'],
  WMATL: ['WAPPR', 'INPRG', 'COMP', 'CAN'],
  INPRG: ['WAPPR', 'WMATL', 'COMP'],
}

const OPEN_TICKET = ['QUEUED', 'PENDING', 'INPROG', 'RESOLVED', 'CLOSED']
const TICKET: Moves = {
  ...Object.fromEntries(
    ['NEW', ...OPEN_TICKET].map((from) => [from, OPEN_TICKET.filter((to) => to !== from)]),
  ),
  // REJECTED and CANCELLED are CLOSED within: a closed ticket moves among them only.
  CLOSED: ['CLOSED'],
}

/** Purchase orders (maximo-api §8.2); PNDREV and REVISD come from a revision, never from a person. */
const PURCHASE: Moves = {
  WAPPR: ['INPRG', 'HOLD', 'APPR', 'CAN'],
  INPRG: ['WAPPR', 'HOLD', 'APPR'],
  HOLD: ['WAPPR', 'INPRG'],
  APPR: ['WAPPR', 'CLOSE', 'CAN'],
  PNDREV: ['APPR', 'CAN'],
}

const INVOICE: Moves = {
  ENTERED: ['WAPPR', 'HOLD', 'APPR', 'CANCEL'],
  WAPPR: ['HOLD', 'APPR', 'CANCEL'],
  HOLD: ['WAPPR', 'CANCEL'],
  APPR: ['PAID'],
}

const MOVES: Readonly<Record<string, Moves>> = {
  WOSTATUS: WORK,
  SRSTATUS: TICKET,
  INCIDENTSTATUS: TICKET,
  POSTATUS: PURCHASE,
  PRSTATUS: {
    WAPPR: ['APPR', 'CAN'],
    APPR: ['WAPPR', 'COMP', 'CAN'],
    COMP: ['CLOSE'],
  },
  IVSTATUS: INVOICE,
  ITEMSTATUS: {
    PENDING: ['PLANNING', 'ACTIVE', 'OBSOLETE'],
    PLANNING: ['ACTIVE', 'PENDOBS', 'OBSOLETE'],
    ACTIVE: ['PENDOBS', 'OBSOLETE'],
    PENDOBS: ['ACTIVE', 'OBSOLETE'],
  },
  INVUSESTATUS: {
    ENTERED: ['STAGED', 'SHIPPED', 'COMPLETE', 'CANCELLED'],
    STAGED: ['ENTERED', 'SHIPPED', 'COMPLETE', 'CANCELLED'],
    SHIPPED: ['COMPLETE'],
  },
  MRSTATUS: { DRAFT: ['WAPPR', 'CAN'], WAPPR: ['APPR', 'CAN'], APPR: ['CLOSE'] },
  INSPRESULTSTATUS: {
    DRAFT: ['PENDING', 'CAN'],
    PENDING: ['INPROG', 'COMPLETED', 'CAN'],
    INPROG: ['REVIEW', 'COMPLETED', 'CAN'],
    REVIEW: ['INPROG', 'COMPLETED'],
  },
  COUNTBOOKSTATUS: { WAPPR: ['APPR', 'CAN'], APPR: ['INPRG', 'CAN'], INPRG: ['COMP', 'CAN'] },
}

/** The legal next states, by internal value; null: this domain knows no rules, any change is legal. */
export function nextStates(
  domain: string,
  internal: string,
  rules: Pick<SimulatorRules, 'workOrderMoves'>,
): readonly string[] | null {
  if (domain === 'WOSTATUS' && rules.workOrderMoves === 'anywhere') return WORK_ANYWHERE[internal] ?? []
  const moves = MOVES[domain]
  return moves === undefined ? null : (moves[internal] ?? [])
}
