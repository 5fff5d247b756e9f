/** What a status means on an object. */
export interface StatusObject {
  /** `Could not change <label> 1001 status to …`. */
  readonly label: string
  readonly initial: string
  /** Table that keeps one row per change; null: no history is kept. */
  readonly history: string | null
  /** The attribute that names a record in messages. */
  readonly number: string
}

const STATUS_OBJECTS: Readonly<Record<string, StatusObject>> = {
  WORKORDER: { label: 'Work Order', initial: 'WAPPR', history: 'WOSTATUS', number: 'wonum' },
  TICKET: { label: 'Service Request', initial: 'NEW', history: 'TKSTATUS', number: 'ticketid' },
  PO: { label: 'PO', initial: 'WAPPR', history: 'POSTATUS', number: 'ponum' },
  PR: { label: 'PR', initial: 'WAPPR', history: null, number: 'prnum' },
  INVOICE: { label: 'Invoice', initial: 'ENTERED', history: null, number: 'invoicenum' },
  INSPECTIONRESULT: { label: 'Inspection', initial: 'PENDING', history: null, number: 'resultnum' },
  TKTEMPLATE: { label: 'Ticket Template', initial: 'DRAFT', history: null, number: 'templateid' },
  ASSET: { label: 'Asset', initial: 'NOT READY', history: 'ASSETSTATUS', number: 'assetnum' },
  LOCATIONS: { label: 'Location', initial: 'OPERATING', history: null, number: 'location' },
  PM: { label: 'PM', initial: 'DRAFT', history: null, number: 'pmnum' },
  JOBPLAN: { label: 'Job Plan', initial: 'DRAFT', history: null, number: 'jpnum' },
  PERSON: { label: 'Person', initial: 'ACTIVE', history: null, number: 'personid' },
  LABOR: { label: 'Labor', initial: 'ACTIVE', history: null, number: 'laborcode' },
  ITEM: { label: 'Item', initial: 'PENDING', history: null, number: 'itemnum' },
  INVENTORY: { label: 'Inventory Item', initial: 'ACTIVE', history: null, number: 'itemnum' },
  ASSIGNMENT: { label: 'Assignment', initial: 'WAITASGN', history: null, number: 'assignmentid' },
}

/** Null: records of this object have no status of their own. */
export const statusObject = (mbo: string): StatusObject | null => STATUS_OBJECTS[mbo] ?? null
