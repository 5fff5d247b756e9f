/**
 * Legal next states by internal value. Work orders: IBM's table (maximo-api §8.2, column A) with WSCH as a target;
 * cancelling only from WAPPR. Service requests: anything but back to NEW; closed ones only among themselves.
 */
const WORK: Readonly<Record<string, readonly string[]>> = {
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

const OPEN_REQUEST = ['QUEUED', 'PENDING', 'INPROG', 'RESOLVED', 'CLOSED']

/** Null: records of this domain have no state rules here. */
export function nextStates(domain: string, internal: string): readonly string[] | null {
  if (domain === 'WOSTATUS') return WORK[internal] ?? []
  if (domain !== 'SRSTATUS') return null
  if (internal === 'CLOSED') return ['CLOSED']
  return OPEN_REQUEST.filter((state) => state !== internal)
}
