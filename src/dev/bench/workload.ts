/** What every server of the bench answers: one page of work orders, shaped to rows and columns. */
export const FIELDS = [
  'wonum',
  'description',
  'status',
  'worktype',
  'wopriority',
  'siteid',
  'assetnum',
  'location',
  'reportdate',
] as const

export const SITE = 'BEDFORD'
export const OBJECT_STRUCTURE = 'mxapiwodetail'

/** Warm connections, each with one tool call at a time. */
export const CONNECTIONS = 32

/** Pages by the size of Maximo's answer. */
export const PAGES = { '5 KB': { rows: 20, padding: 0 }, '200 KB': { rows: 200, padding: 330 } } as const
export type PageName = keyof typeof PAGES

const STATUSES = ['WAPPR', 'APPR', 'INPRG', 'WMATL', 'COMP'] as const

export type WorkOrder = Readonly<Record<string, string | number>>

/** Work orders of about 300 bytes of JSON each; `padding` lengthens the description and a companion nobody selected. */
export const workOrders = ({ rows, padding }: { rows: number; padding: number }): WorkOrder[] =>
  Array.from({ length: rows }, (_, index) => workOrder(index, padding))

function workOrder(index: number, padding: number): WorkOrder {
  const wonum = String(30_000 + index)
  const status = STATUSES[index % STATUSES.length] ?? 'WAPPR'
  return {
    href: `oslc/os/mxapiwodetail/_${Buffer.from(`${SITE}/${wonum}`).toString('base64url')}`,
    _rowstamp: String(4_410_000 + index),
    wonum,
    description: `Replace mechanical seal on feed water pump ${index}${' and inspect'.repeat(padding / 12)}`,
    status,
    status_description: `Description of ${status}${' x'.repeat(padding / 2)}`,
    worktype: index % 3 === 0 ? 'PM' : 'CM',
    wopriority: (index % 5) + 1,
    siteid: SITE,
    assetnum: String(11_000 + index),
    location: `BR${400 + (index % 50)}`,
    reportdate: '2026-11-02T08:30:00-05:00',
  }
}

/** The query that every server sends to Maximo: same fields, same page. */
export const upstreamPath = `/api/os/${OBJECT_STRUCTURE}?${new URLSearchParams({
  lean: '1',
  'oslc.select': FIELDS.join(','),
  'oslc.where': `siteid="${SITE}"`,
  'oslc.orderBy': '+wonum',
  'oslc.pageSize': '200',
  collectioncount: '1',
}).toString()}`

/** The arguments of the tool call; `limit` holds the whole page. */
export const toolArguments = (rows: number): Record<string, unknown> => ({
  object: OBJECT_STRUCTURE,
  site: SITE,
  select: FIELDS,
  order_by: ['wonum'],
  limit: rows,
  count: true,
  max_tokens: 45_000,
})

/** Rows and columns as the tools write them. */
export const shaped = (members: readonly WorkOrder[]): { cols: readonly string[]; rows: unknown[][] } => ({
  cols: FIELDS,
  rows: members.map((member) => FIELDS.map((field) => member[field] ?? null)),
})
