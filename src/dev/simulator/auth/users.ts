/** A Maximo user: what it may read, where, and how it sees time. */
export interface MaximoUser {
  /** The stand-in's account of matching rights. */
  readonly account: string
  readonly userId: string
  readonly personId: string
  readonly firstName: string
  readonly lastName: string
  readonly defaultSite: string
  /** Records of other sites are invisible, not refused. */
  readonly sites: readonly string[]
  /** Object structures it may read; null: all records. */
  readonly mayRead: ReadonlySet<string> | null
  /** May see and change who may do what. */
  readonly administers: boolean
  /** Object structures it may create, change and delete; null: all it may read. */
  readonly mayWrite: ReadonlySet<string> | null
  /** Internal statuses it may not set: Maximo has one right for each. */
  readonly deniedStatuses: ReadonlySet<string>
  /** The largest purchase it may approve. */
  readonly approvalLimit: number
  readonly timezone: string
}

const BOTH = ['BEDFORD', 'NASHUA']
const ZONE = 'America/New_York'

/** Everything but people and pay. */
const TECHNICIAN = new Set([
  'MXAPIWODETAIL',
  'MXAPIASSET',
  'MXAPIOPERLOC',
  'MXAPILOCATIONS',
  'MXAPISR',
  'MXAPIPM',
  'MXAPIJOBPLAN',
  'MXAPIDOMAIN',
  'MXAPISYNONYMDOMAIN',
  'MXAPIALNDOMAIN',
  'MXAPIWORKTYPE',
  'MXAPIFAILURELIST',
  'MXAPIASSETMETER',
  'MXAPIITEM',
  'MXAPIINVENTORY',
  'MXAPIINVBAL',
  'MXAPITOOLITEM',
  'MXAPIMETER',
  'MXAPILOCATIONMETER',
  'MXAPIWORKLOG',
  'MXAPIWFASSIGNMENT',
  'MXAPICLASSSTRUCTURE',
  'MXAPIINSPECTIONRES',
])

/** What a technician reports back: work, requests and readings. */
const REPORTED = new Set(['MXAPIWODETAIL', 'MXAPISR', 'MXAPIASSETMETER'])
const NONE: ReadonlySet<string> = new Set()

export const users: readonly MaximoUser[] = [
  {
    account: 'planner@example.com',
    userId: 'WILSON',
    personId: 'WILSON',
    firstName: 'Mike',
    lastName: 'Wilson',
    defaultSite: 'BEDFORD',
    sites: BOTH,
    administers: false,
    mayRead: null,
    mayWrite: null,
    deniedStatuses: NONE,
    approvalLimit: 5000,
    timezone: ZONE,
  },
  {
    account: 'technician@example.com',
    userId: 'SAM',
    personId: 'SAM',
    firstName: 'Sam',
    lastName: 'Murphy',
    defaultSite: 'BEDFORD',
    sites: ['BEDFORD'],
    administers: false,
    mayRead: TECHNICIAN,
    mayWrite: REPORTED,
    deniedStatuses: new Set(['CLOSE', 'CAN', 'CLOSED']),
    approvalLimit: 0,
    timezone: ZONE,
  },
  {
    account: 'admin@example.com',
    userId: 'MAXADMIN',
    personId: 'MAXADMIN',
    firstName: 'Max',
    lastName: 'Admin',
    defaultSite: 'BEDFORD',
    sites: BOTH,
    administers: true,
    mayRead: null,
    mayWrite: null,
    deniedStatuses: NONE,
    approvalLimit: Infinity,
    timezone: 'UTC',
  },
  {
    account: 'limited@example.com',
    userId: 'LIMITED',
    personId: 'LIMITED',
    firstName: 'Lee',
    lastName: 'Mitchell',
    defaultSite: 'NASHUA',
    sites: ['NASHUA'],
    administers: false,
    mayRead: new Set(['MXAPIASSET', 'MXAPISYNONYMDOMAIN']),
    mayWrite: NONE,
    deniedStatuses: NONE,
    approvalLimit: 0,
    timezone: 'Asia/Kolkata',
  },
  // An administrator by another name than the one that every Maximo has.
  {
    account: 'keeper@example.com',
    userId: 'KEEPER',
    personId: 'WILSON',
    firstName: 'Kim',
    lastName: 'Keeper',
    defaultSite: 'BEDFORD',
    sites: BOTH,
    administers: true,
    mayRead: null,
    mayWrite: null,
    deniedStatuses: NONE,
    approvalLimit: 0,
    timezone: ZONE,
  },
]
