import type { MaximoRecord } from '../../../maximo/contract.ts'
import type { Condition } from '../../../maximo/query/query.ts'
import { within } from '../lists/asked-arguments.ts'
import { listTool } from '../lists/list-tool.ts'
import { equals, flag, oneOf, words } from '../lists/plain-arguments.ts'
import { stateArgument, statusArgument } from '../lists/states.ts'
import { recordTool } from '../records/record-tool.ts'
import { ASSET_STATES } from '../status/meanings.ts'

const ASSETS = 'MXAPIASSET'

export const searchAssets = listTool({
  name: 'search_assets',
  title: 'Search assets',
  description: 'Assets by text, state, location, parent, type, item and vendor, with the exact total.',
  toolset: 'assets',
  subject: {
    objectStructure: ASSETS,
    columns: [
      'assetnum',
      'description',
      'status',
      'assettype',
      'location',
      'parent',
      'priority',
      'isrunning',
      'failurecode',
    ],
    order: [{ field: 'assetnum', direction: 'asc' }],
  },
  arguments: {
    text: words(['description'], 'words that the description has'),
    state: stateArgument(ASSET_STATES),
    status: statusArgument(),
    location: within(),
    parent: equals('parent', 'asset above it'),
    asset_type: oneOf('assettype'),
    failure_class: equals('failurecode'),
    item: equals('itemnum', 'rotating item'),
    vendor: equals('vendor'),
    serial: equals('serialnum'),
    down: flag(() => [{ field: 'isrunning', op: 'eq', value: false }], 'not running now'),
  },
})

/** Of the asset itself. */
const same = ({ values: { assetnum, siteid } }: MaximoRecord, field = 'assetnum'): readonly Condition[] => [
  { field, op: 'eq', value: assetnum },
  { field: 'siteid', op: 'eq', value: siteid },
]
const NO_TASK: Condition = { field: 'istask', op: 'eq', value: false }
const WORK = 'wonum description status worktype wopriority reportdate targcompdate actfinish'

export const getAsset = recordTool({
  name: 'get_asset',
  title: 'Get an asset',
  description: 'One asset with the sections you name.',
  toolset: 'assets',
  number: 'asset',
  searchTool: 'search_assets',
  subject: {
    objectStructure: ASSETS,
    what: 'asset',
    field: 'assetnum',
    fields: `assetnum siteid description description_longdescription status statusdate assettype location parent children
      priority isrunning itemnum manufacturer vendor serialnum installdate failurecode groupname glaccount`,
  },
  sections: {
    hierarchy: {
      related: {
        children: {
          objectStructure: ASSETS,
          of: (asset) => same(asset, 'parent'),
          columns: 'assetnum description status location isrunning',
          order: [{ field: 'assetnum', direction: 'asc' }],
        },
      },
    },
    meters: {
      children: {
        assetmeter:
          'metername active readingtype lastreading lastreadingdate previousreading previousreadingdate lifetodate measureunitid',
      },
    },
    specifications: { children: { assetspec: 'assetattrid alnvalue numvalue measureunitid' } },
    open_work: {
      related: {
        open_work: {
          objectStructure: 'MXAPIWODETAIL',
          of: (asset) => [...same(asset), NO_TASK, { field: 'historyflag', op: 'eq', value: false }],
          columns: WORK,
          order: [{ field: 'reportdate', direction: 'desc' }],
        },
      },
    },
    work_history: {
      related: {
        work_history: {
          objectStructure: 'MXAPIWODETAIL',
          of: (asset) => [...same(asset), NO_TASK],
          columns: `${WORK} failurecode problemcode actlabhrs actlabcost actmatcost`,
          order: [{ field: 'reportdate', direction: 'desc' }],
        },
      },
    },
    maintenance: {
      related: {
        preventive_maintenance: {
          objectStructure: 'MXAPIPM',
          of: (asset) => same(asset),
          columns: 'pmnum description status frequency frequnit nextdate lastcompdate jpnum worktype',
          order: [{ field: 'nextdate', direction: 'asc' }],
        },
      },
    },
    requests: {
      related: {
        service_requests: {
          objectStructure: 'MXAPISR',
          of: ({ values: { assetnum, siteid } }) => [
            { field: 'assetnum', op: 'eq', value: assetnum },
            { field: 'assetsiteid', op: 'eq', value: siteid },
          ],
          columns: 'ticketid description status reportedpriority reportdate',
          order: [{ field: 'reportdate', direction: 'desc' }],
        },
      },
    },
    downtime: { children: { assetstatus: 'status changedate changeby memo' }, fields: 'isrunning' },
    spare_parts: { children: { sparepart: 'itemnum description quantity' } },
    costs: { fields: 'purchaseprice replacecost totalcost budgetcost ytdcost' },
    health: {
      fields: 'assethealth lastahscoredate ahrulife ahhealthtrenddirection expectedlife estendoflife',
    },
    attachments: { children: { doclinks: '*' } },
  },
})
