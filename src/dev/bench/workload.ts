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

/** 32 connections, warm, one tool call each at a time. */
export const CONNECTIONS = 32

const STATUSES = ['WAPPR', 'APPR', 'INPRG', 'WMATL', 'COMP'] as const

export type WorkOrder = Readonly<Record<string, string | number>>

/** Work orders of about 250 bytes of JSON each: 20 make the 5 KB page, 800 the 200 KB one. */
export const workOrders = (count: number): WorkOrder[] =>
  Array.from({ length: count }, (_, index) => workOrder(index))

function workOrder(index: number): WorkOrder {
  const wonum = String(30_000 + index)
  const status = STATUSES[index % STATUSES.length] ?? 'WAPPR'
  return {
    href: `oslc/os/mxapiwodetail/_${Buffer.from(`${SITE}/${wonum}`).toString('base64url')}`,
    _rowstamp: String(4_410_000 + index),
    wonum,
    description: `Replace mechanical seal on feed water pump ${index}`,
    status,
    status_description: `Description of ${status}`,
    worktype: index % 3 === 0 ? 'PM' : 'CM',
    wopriority: (index % 5) + 1,
    siteid: SITE,
    assetnum: String(11_000 + index),
    location: `BR${400 + (index % 50)}`,
    reportdate: '2026-11-02T08:30:00-05:00',
  }
}
