import type { WhoAmI } from './contract.ts'
import type { Query } from './query/query.ts'

export const ASSIGNMENTS = 'MXAPIWFASSIGNMENT'

/** What is read of an assignment, in the order in which it is shown. */
export const INBOX_FIELDS = [
  'description',
  'processname',
  'app',
  'ownertable',
  'ownerid',
  'priority',
  'startdate',
  'duedate',
] as const

/** Who has no person in Maximo is assigned work under the user's own name. */
export const inboxQuery = ({ personId, userName }: WhoAmI): Omit<Query, 'page' | 'pageSize'> => ({
  objectStructure: ASSIGNMENTS,
  all: [
    { field: 'assigncode', op: 'eq', value: personId ?? userName },
    { field: 'assignstatus', op: 'eq', value: 'ACTIVE' },
  ],
  select: { fields: INBOX_FIELDS },
  orderBy: [{ field: 'startdate', direction: 'asc' }],
  count: true,
})
