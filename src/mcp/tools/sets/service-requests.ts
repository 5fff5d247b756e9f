import { heldBy, ofAsset, within } from '../lists/asked-arguments.ts'
import { listTool } from '../lists/list-tool.ts'
import { after, atMost, flag, words } from '../lists/plain-arguments.ts'
import { stateArgument, statusArgument } from '../lists/states.ts'
import { recordTool } from '../records/record-tool.ts'
import { REQUEST_STATES } from '../status/meanings.ts'

const REQUESTS = 'MXAPISR'

export const searchServiceRequests = listTool({
  name: 'search_service_requests',
  title: 'Search service requests',
  description:
    'Service requests (tickets) by state, text, person, asset, location and priority, with the exact total.',
  toolset: 'work',
  isOnRequest: true,
  subject: {
    objectStructure: REQUESTS,
    columns: [
      'ticketid',
      'description',
      'status',
      'reportedpriority',
      'reportedby',
      'assetnum',
      'location',
      'owner',
      'reportdate',
    ],
    order: [{ field: 'reportdate', direction: 'desc' }],
  },
  arguments: {
    text: words(['description'], 'words that the summary has'),
    state: stateArgument(REQUEST_STATES),
    status: statusArgument(),
    reported_by: heldBy(['reportedby', 'affectedperson'], null, 'person or "me"; also who is affected'),
    owner: heldBy(['owner'], null, 'person or "me"'),
    unassigned: flag(() => [
      { field: 'owner', op: 'null' },
      { field: 'ownergroup', op: 'null' },
    ]),
    asset: ofAsset(),
    location: within(),
    priority_max: atMost('reportedpriority', '1 is the most urgent'),
    created_after: after('reportdate'),
  },
})

export const getServiceRequest = recordTool({
  name: 'get_service_request',
  title: 'Get a service request',
  description:
    'One service request (ticket) with the sections you name and the statuses it may change to now.',
  toolset: 'work',
  isOnRequest: true,
  number: 'ticket_id',
  searchTool: 'search_service_requests (state "any")',
  subject: {
    objectStructure: REQUESTS,
    what: 'service request',
    field: 'ticketid',
    fields: `ticketid class description description_longdescription status statusdate reportedby reportedemail reportdate
      affectedperson reportedpriority internalpriority assetnum assetsiteid location siteid owner ownergroup supervisor
      source problemcode targetstart targetfinish actualstart actualfinish`,
    allowedStates: true,
    isOfNoSite: true,
  },
  sections: {
    log: { children: { worklog: 'logtype description description_longdescription createby createdate' } },
    related: {
      children: { relatedrecord: 'relatedreckey relatedrecclass relatedrecsiteid relatetype' },
      fields: 'origrecordid origrecordclass',
    },
    history: { children: { tkstatus: 'status changedate changeby memo' } },
    duplicates: {
      related: {
        open_for_the_same_asset: {
          objectStructure: REQUESTS,
          of: ({ values: { assetnum, assetsiteid, ticketid } }) =>
            assetnum === undefined || assetnum === null
              ? null
              : [
                  { field: 'assetnum', op: 'eq', value: assetnum },
                  ...(typeof assetsiteid === 'string'
                    ? [{ field: 'assetsiteid', op: 'eq', value: assetsiteid }]
                    : []),
                  { field: 'ticketid', op: 'ne', value: ticketid },
                ],
          in: { meanings: REQUEST_STATES, state: 'open' },
          columns: 'ticketid description status reportedby reportdate',
          order: [{ field: 'reportdate', direction: 'desc' }],
        },
      },
    },
    attachments: { children: { doclinks: '*' } },
  },
})
