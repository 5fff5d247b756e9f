/**
 * What Maximo's JSON schema does not say and every installation shares: which object structure describes the rows
 * of a relation, which domain an attribute's values come from, and which attribute numbers the records. By upper-case name of the business object.
 */

/** Relation → object structure. */
export const relationsOf = (objectName: string): ReadonlyMap<string, string> =>
  RELATIONS.get(objectName) ?? NONE

/** Attribute → domain. */
export const domainOf = (objectName: string, attribute: string): string | null =>
  DOMAINS.get(objectName)?.get(attribute) ?? null

/** Names that the attribute with a record's unique number can have. */
export const uniqueIdsOf = (objectName: string): readonly string[] => {
  const name = objectName.toLowerCase()
  const known = UNIQUE_IDS.get(objectName)
  return known === undefined ? [`${name}id`, `${name}uid`] : [known]
}

const UNIQUE_IDS: ReadonlyMap<string, string> = new Map([
  ['ASSET', 'assetuid'],
  ['SR', 'ticketuid'],
  ['TICKET', 'ticketuid'],
  ['INCIDENT', 'ticketuid'],
  ['PROBLEM', 'ticketuid'],
  ['WOACTIVITY', 'workorderid'],
  ['PERSON', 'personuid'],
  ['PM', 'pmuid'],
  ['ITEM', 'itemid'],
  ['FAILURELIST', 'failurelist'],
])

const PLACE_AND_ASSET = new Map([
  ['asset', 'MXAPIASSET'],
  ['location', 'MXAPIOPERLOC'],
])

const RELATIONS: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map([
  ['WORKORDER', PLACE_AND_ASSET],
  ['SR', PLACE_AND_ASSET],
  ['TICKET', PLACE_AND_ASSET],
  ['PM', PLACE_AND_ASSET],
  ['ASSET', new Map([['location', 'MXAPIOPERLOC']])],
  ['PO', new Map([['vendor', 'MXAPIVENDOR']])],
  ['INVENTORY', new Map([['item', 'MXAPIITEM']])],
  ['LABOR', new Map([['person', 'MXAPIPERSON']])],
])

const STATUS = (domainId: string): ReadonlyMap<string, string> => new Map([['status', domainId]])
const TICKET = new Map([
  ['status', 'SRSTATUS'],
  ['class', 'TKCLASS'],
])

/** Synonym domains of maximo-manage, same names since 7.1. */
const DOMAINS: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map([
  [
    'WORKORDER',
    new Map([
      ['status', 'WOSTATUS'],
      ['woclass', 'WOCLASS'],
    ]),
  ],
  ['WOACTIVITY', STATUS('WOSTATUS')],
  ['SR', TICKET],
  ['INCIDENT', STATUS('INCIDENTSTATUS')],
  ['ASSET', STATUS('LOCASSETSTATUS')],
  ['LOCATIONS', STATUS('LOCASSETSTATUS')],
  ['PO', STATUS('POSTATUS')],
  ['ITEM', STATUS('ITEMSTATUS')],
  ['INVENTORY', STATUS('ITEMSTATUS')],
  ['INVUSE', STATUS('INVUSESTATUS')],
  ['MR', STATUS('MRSTATUS')],
  ['WORKLOG', new Map([['logtype', 'LOGTYPE']])],
  ['RELATEDRECORD', new Map([['relatetype', 'RELATETYPE']])],
  ['COMPANIES', new Map([['type', 'COMPTYPE']])],
])

const NONE: ReadonlyMap<string, string> = new Map()
