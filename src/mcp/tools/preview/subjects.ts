import type { Condition } from '../../../maximo/query/query.ts'
import type { Meanings } from '../lists/states.ts'
import { ASSET_STATES, PM_STATES, REQUEST_STATES, WORK_ORDER_STATES } from '../status/meanings.ts'

/** What an object is called, and which of its fields people mean by common words. */
export interface SpokenSubject {
  readonly objectStructure: string
  /** The longest first. */
  readonly words: readonly string[]
  readonly meanings?: Meanings
  /** Field by role; a role that an object does not have is not read for it. */
  readonly fields: Readonly<Partial<Record<Role, string>>>
  readonly always?: readonly Condition[]
}

export type Role =
  | 'number'
  | 'asset'
  | 'location'
  | 'vendor'
  | 'item'
  | 'priority'
  | 'type'
  | 'person'
  | 'reporter'
  | 'text'
  | 'due'
  | 'reported'
  | 'started'
  | 'finished'
  | 'scheduled'
  | 'changed'

export const SUBJECTS: readonly SpokenSubject[] = [
  {
    objectStructure: 'MXAPIWODETAIL',
    words: ['work orders', 'work order', 'workorders', 'workorder', 'wos', 'wo', 'jobs', 'job', 'work'],
    meanings: WORK_ORDER_STATES,
    fields: {
      ...{
        number: 'wonum',
        asset: 'assetnum',
        location: 'location',
        priority: 'wopriority',
        type: 'worktype',
      },
      ...{ person: 'lead', reporter: 'reportedby', text: 'description', due: 'targcompdate' },
      ...{ reported: 'reportdate', started: 'actstart', finished: 'actfinish' },
      ...{ scheduled: 'schedstart', changed: 'changedate' },
    },
    always: [{ field: 'istask', op: 'eq', value: false }],
  },
  {
    objectStructure: 'MXAPISR',
    words: ['service requests', 'service request', 'tickets', 'ticket', 'requests', 'srs', 'sr'],
    meanings: REQUEST_STATES,
    fields: {
      ...{ number: 'ticketid', asset: 'assetnum', location: 'location', priority: 'reportedpriority' },
      ...{ person: 'owner', reporter: 'reportedby', text: 'description', due: 'targetfinish' },
      ...{ reported: 'reportdate', started: 'actualstart', finished: 'actualfinish', changed: 'changedate' },
    },
  },
  {
    objectStructure: 'MXAPIPM',
    words: ['preventive maintenance', 'preventive maintenances', 'pms', 'pm'],
    meanings: PM_STATES,
    fields: {
      ...{ number: 'pmnum', asset: 'assetnum', location: 'location', priority: 'priority', type: 'worktype' },
      ...{ text: 'description', due: 'nextdate', started: 'laststartdate', finished: 'lastcompdate' },
    },
  },
  {
    objectStructure: 'MXAPIASSET',
    words: ['assets', 'asset', 'equipment', 'machines', 'machine'],
    meanings: ASSET_STATES,
    fields: {
      ...{
        number: 'assetnum',
        location: 'location',
        vendor: 'vendor',
        item: 'itemnum',
        priority: 'priority',
      },
      ...{ type: 'assettype', text: 'description', changed: 'changedate' },
    },
  },
  {
    objectStructure: 'MXAPIOPERLOC',
    words: ['locations', 'location', 'places'],
    fields: { number: 'location', type: 'type', priority: 'locpriority', text: 'description' },
  },
  {
    objectStructure: 'MXAPIPO',
    words: ['purchase orders', 'purchase order', 'pos', 'po'],
    fields: {
      ...{ number: 'ponum', vendor: 'vendor', priority: 'priority', type: 'potype', person: 'purchaseagent' },
      ...{ text: 'description', due: 'vendeliverydate', reported: 'orderdate', changed: 'changedate' },
    },
  },
  {
    objectStructure: 'MXAPIPR',
    words: ['purchase requisitions', 'purchase requisition', 'requisitions', 'requisition', 'prs', 'pr'],
    fields: {
      ...{ number: 'prnum', vendor: 'vendor', priority: 'priority', reporter: 'requestedby' },
      ...{ text: 'description', due: 'requireddate', reported: 'issuedate', changed: 'changedate' },
    },
  },
  {
    objectStructure: 'MXAPIINVOICE',
    words: ['invoices', 'invoice'],
    fields: {
      ...{ number: 'invoicenum', vendor: 'vendor', text: 'description', due: 'duedate' },
      ...{ reported: 'invoicedate', changed: 'changedate' },
    },
  },
  {
    objectStructure: 'MXAPIINVENTORY',
    words: ['inventory', 'stock'],
    fields: { number: 'itemnum', item: 'itemnum', location: 'location', text: 'item.description' },
  },
  {
    objectStructure: 'MXAPIITEM',
    words: ['items', 'item', 'parts'],
    fields: { number: 'itemnum', type: 'itemtype', text: 'description' },
  },
  {
    objectStructure: 'MXAPIVENDOR',
    words: ['vendors', 'vendor', 'suppliers', 'supplier', 'companies'],
    fields: { number: 'company', type: 'type', text: 'name' },
  },
  {
    objectStructure: 'MXAPIJOBPLAN',
    words: ['job plans', 'job plan'],
    fields: { number: 'jpnum', priority: 'priority', text: 'description', changed: 'changedate' },
  },
  {
    objectStructure: 'MXAPIPERSON',
    words: ['persons', 'person', 'people'],
    fields: { number: 'personid', text: 'displayname' },
  },
  {
    objectStructure: 'MXAPIINSPECTIONRES',
    words: ['inspection results', 'inspections', 'inspection'],
    fields: {
      ...{ number: 'resultnum', asset: 'asset', location: 'location' },
      ...{ due: 'duedate', reported: 'createdate' },
    },
  },
]
