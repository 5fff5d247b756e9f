/** What random questions are asked about. */
export interface Subject {
  readonly objectStructure: string
  readonly table: string
  readonly key: readonly string[]
  readonly texts: readonly string[]
  readonly numbers: readonly string[]
  readonly flags: readonly string[]
  readonly instants: readonly string[]
  readonly days: readonly string[]
  readonly search: readonly string[]
  readonly groupBy: readonly string[]
  readonly sums: readonly string[]
  /** Relations by the name of a field at their end, and the relationships on the way. */
  readonly related: readonly {
    readonly field: string
    readonly along: readonly string[]
    readonly table: string
  }[]
  /** Child objects: their own relationship, and fields of theirs. */
  readonly children: readonly {
    readonly name: string
    readonly along: string
    readonly table: string
    readonly texts: readonly string[]
    readonly numbers: readonly string[]
  }[]
}

export const SUBJECTS: readonly Subject[] = [
  {
    objectStructure: 'mxapiwodetail',
    table: 'WORKORDER',
    key: ['siteid', 'wonum'],
    texts: ['status', 'siteid', 'wonum', 'worktype', 'assetnum', 'location', 'description'],
    numbers: ['wopriority', 'estlabhrs', 'workorderid'],
    flags: ['istask', 'historyflag'],
    instants: ['reportdate', 'targcompdate', 'statusdate'],
    days: [],
    search: ['description', 'wonum', 'location.description'],
    groupBy: ['status', 'siteid', 'worktype', 'wopriority'],
    sums: ['estlabhrs', 'wopriority'],
    related: [
      { field: 'location.description', along: ['LOCATION'], table: 'LOCATIONS' },
      { field: 'asset.description', along: ['ASSET'], table: 'ASSET' },
      { field: 'asset.location.description', along: ['ASSET', 'LOCATION'], table: 'LOCATIONS' },
    ],
    children: [
      {
        name: 'woactivity',
        along: 'WOACTIVITY',
        table: 'WORKORDER',
        texts: ['status', 'description'],
        numbers: ['taskid'],
      },
      { name: 'wplabor', along: 'SHOWPLANLABOR', table: 'WPLABOR', texts: ['craft'], numbers: ['laborhrs'] },
    ],
  },
  {
    objectStructure: 'mxapiasset',
    table: 'ASSET',
    key: ['siteid', 'assetnum'],
    texts: ['assetnum', 'siteid', 'status', 'description', 'location', 'assettype'],
    numbers: ['priority', 'assetuid'],
    flags: ['isrunning'],
    instants: ['statusdate'],
    days: ['installdate'],
    search: ['description', 'assetnum'],
    groupBy: ['status', 'siteid', 'assettype'],
    sums: ['priority'],
    related: [{ field: 'location.description', along: ['LOCATION'], table: 'LOCATIONS' }],
    children: [
      {
        name: 'assetmeter',
        along: 'INT_ASSETMETER',
        table: 'ASSETMETER',
        texts: ['metername'],
        numbers: ['assetmeterid'],
      },
    ],
  },
  {
    objectStructure: 'mxapisr',
    table: 'TICKET',
    key: ['class', 'ticketid'],
    texts: ['ticketid', 'description', 'status', 'location', 'reportedby'],
    numbers: ['reportedpriority', 'ticketuid'],
    flags: ['historyflag'],
    instants: ['reportdate'],
    days: [],
    search: ['description', 'ticketid'],
    groupBy: ['status', 'reportedpriority'],
    sums: ['reportedpriority'],
    related: [{ field: 'location.description', along: ['LOCATION'], table: 'LOCATIONS' }],
    children: [],
  },
]
