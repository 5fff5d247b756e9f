import { BmxError } from '../errors.ts'
import type { SimulatorRules } from '../rules.ts'
import { hashOrdered } from './hash-order.ts'
import { positiveNumber, type Parameters } from './parameters.ts'

/** Which page of how many rows; null: the whole collection at once. */
export interface Page {
  readonly size: number
  readonly number: number
}

const DEFAULT_PAGE_SIZE = 20

/** @throws BmxError for a size over the limit, or numbers that are none. */
export function readPage(parameters: Parameters, found: number, rules: SimulatorRules): Page | null {
  const asked = positiveNumber(parameters, 'oslc.pageSize')
  if (asked !== null && asked > rules.maxPageSize) {
    throw new BmxError(400, 'BMXAA7387E', `The page size ${asked} is over the limit of ${rules.maxPageSize}.`)
  }
  const number = positiveNumber(parameters, 'pageno') ?? 1
  const size = asked ?? implicitSize(parameters, found, rules)
  return size === null ? null : { size, number }
}

function implicitSize(parameters: Parameters, found: number, rules: SimulatorRules): number | null {
  if (parameters.has('oslc.paging')) return rules.autoPageSize ?? DEFAULT_PAGE_SIZE
  return rules.autoPageSize !== null && found > rules.autoPageSize ? rules.autoPageSize : null
}

const DROPPED = new Set(['pageno', 'addschema', 'apikey', 'stableId'])

/** The query of another page: `pageno` first, the rest in hash order, the schema never again. */
export function pageQuery(parameters: Parameters, number: number, stableId: string | null): string {
  const kept = parameters.entries.filter(([name]) => !DROPPED.has(name))
  const rest = hashOrdered(stableId === null ? kept : [...kept, ['stableId', stableId] as const])
  return [['pageno', String(number)] as const, ...rest]
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&')
}
