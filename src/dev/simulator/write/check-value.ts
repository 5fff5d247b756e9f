import { domainRows } from '../domain-values.ts'
import { BmxError } from '../errors.ts'
import type { Plant, Row, Value } from '../plant/plant.ts'
import type { Attribute } from '../schema/attribute.ts'
import type { Mbo } from '../schema/mbo.ts'

/** A value list that is a table: which column must hold the value, and which other columns must agree with the record. */
interface Reference {
  readonly table: string
  readonly column: string
  /** `site`, `org`: the record found belongs to the same one. */
  readonly within?: 'site' | 'org'
  readonly code?: string
  readonly accepts?: (found: Row) => boolean
}

const PERSON: Reference = { table: 'PERSON', column: 'personid' }
const LOCATION: Reference = { table: 'LOCATIONS', column: 'location', within: 'site', code: 'BMXAA2661E' }
const COMPANY: Reference = { table: 'COMPANIES', column: 'company', within: 'org' }
const UNIT: Reference = { table: 'MEASUREUNIT', column: 'measureunitid' }
const FAILURE: Reference = { table: 'FAILURECODE', column: 'failurecode', within: 'org' }

const REFERENCES: Readonly<Record<string, Reference>> = {
  assetnum: {
    table: 'ASSET',
    column: 'assetnum',
    within: 'site',
    code: 'BMXAA0090E',
    accepts: (asset) => asset['status'] !== 'DECOMMISSIONED',
  },
  location: LOCATION,
  storeloc: { ...LOCATION, accepts: (place) => place['type'] === 'STOREROOM' },
  itemnum: { table: 'ITEM', column: 'itemnum' },
  laborcode: { table: 'LABOR', column: 'laborcode' },
  worktype: { table: 'WORKTYPE', column: 'worktype', within: 'org' },
  failurecode: FAILURE,
  problemcode: FAILURE,
  jpnum: { table: 'JOBPLAN', column: 'jpnum' },
  pmnum: { table: 'PM', column: 'pmnum', within: 'site' },
  metername: { table: 'METER', column: 'metername' },
  orgid: { table: 'ORGANIZATION', column: 'orgid' },
  itemsetid: { table: 'ORGANIZATION', column: 'itemsetid', code: 'BMXAA4147E' },
  reportedby: PERSON,
  affectedperson: PERSON,
  owner: PERSON,
  lead: PERSON,
  supervisor: PERSON,
  personid: PERSON,
  requestedby: PERSON,
  purchaseagent: PERSON,
  vendor: COMPANY,
  manufacturer: COMPANY,
  issueunit: UNIT,
  orderunit: UNIT,
  invoiceunit: UNIT,
  measureunitid: UNIT,
  classstructureid: { table: 'CLASSSTRUCTURE', column: 'classstructureid' },
  'WORKORDER.parent': { table: 'WORKORDER', column: 'wonum', within: 'site' },
  'ASSET.parent': { table: 'ASSET', column: 'assetnum', within: 'site' },
}

/**
 * Whether a value may stand in a record: one of its domain, the site's own words included, or an existing record of
 * the table behind its value list.
 *
 * @param record The record as it would be, for its site and organisation.
 * @throws BmxError BMXAA4190E, or the code of its kind: BMXAA0090E asset, BMXAA2661E location, BMXAA4147E item set.
 */
export function checkValue(
  attribute: Attribute,
  value: Value,
  from: { readonly plant: Plant; readonly mbo: Mbo; readonly record: Row; readonly object: string },
): void {
  const about = { attribute: attribute.name, object: from.object, value: String(value) }
  if (attribute.domain !== null) {
    const values = domainRows(from.plant, attribute.domain)
    if (!values.some((one) => one['value'] === value && isSameSite(one, from.record))) {
      throw new BmxError(
        400,
        'BMXAA4190E',
        `${attribute.title} ${String(value)} is not in the value list.`,
        about,
      )
    }
    return
  }
  const reference = REFERENCES[`${from.mbo.name}.${attribute.name}`] ?? REFERENCES[attribute.name]
  if (reference === undefined || !attribute.hasList || isOwnKey(attribute, from.mbo, reference)) return
  if (isFound(reference, value, from)) return
  const text = `${attribute.title} ${String(value)} is not a valid ${reference.column}.`
  throw new BmxError(400, reference.code ?? 'BMXAA4190E', text, about)
}

/** The key of a record of that very table names the record itself. */
const isOwnKey = (attribute: Attribute, mbo: Mbo, reference: Reference): boolean =>
  mbo.name === reference.table && mbo.key.includes(attribute.name)

const isSameSite = (one: Row, record: Row): boolean =>
  one['siteid'] === undefined || one['siteid'] === record['siteid']

function isFound(
  reference: Reference,
  value: Value,
  from: { readonly plant: Plant; readonly record: Row },
): boolean {
  return from.plant
    .find(reference.table, reference.column, value)
    .some((found) => agrees(found, from.record, reference.within) && reference.accepts?.(found) !== false)
}

function agrees(found: Row, record: Row, within: Reference['within']): boolean {
  if (within === undefined) return true
  if (within === 'org') return record['orgid'] === undefined || found['orgid'] === record['orgid']
  const siteid = record['assetsiteid'] ?? record['siteid']
  return siteid === undefined || found['siteid'] === siteid
}
