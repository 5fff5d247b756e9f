import { beforeToday, ofAsset, within } from '../lists/asked-arguments.ts'
import { listTool } from '../lists/list-tool.ts'
import { before, equals, oneOf, words } from '../lists/plain-arguments.ts'
import { stateArgument } from '../lists/states.ts'
import { recordTool } from '../records/record-tool.ts'
import { JOB_PLAN_STATES, PM_STATES } from '../status/meanings.ts'

export const searchPms = listTool({
  name: 'search_pms',
  title: 'Search preventive maintenance',
  description:
    'Preventive maintenance (PM) masters by text, asset, location, job plan and due date, what is due first.',
  toolset: 'planning',
  isOnRequest: true,
  subject: {
    objectStructure: 'MXAPIPM',
    columns: [
      'pmnum',
      'description',
      'status',
      'assetnum',
      'location',
      'frequency',
      'frequnit',
      'nextdate',
      'lastcompdate',
      'jpnum',
      'worktype',
    ],
    order: [{ field: 'nextdate', direction: 'asc' }],
  },
  arguments: {
    text: words(['description']),
    state: stateArgument(PM_STATES),
    asset: ofAsset(),
    location: within(),
    job_plan: equals('jpnum'),
    work_type: oneOf('worktype'),
    due_before: before('nextdate'),
    overdue: beforeToday('nextdate'),
  },
})

export const getJobPlan = recordTool({
  name: 'get_job_plan',
  title: 'Get a job plan',
  description:
    'One job plan with tasks, labor, materials and tools; the active revision unless one is named.',
  toolset: 'planning',
  isOnRequest: true,
  number: 'job_plan',
  searchTool: 'query_records on mxapijobplan',
  subject: {
    objectStructure: 'MXAPIJOBPLAN',
    what: 'job plan',
    field: 'jpnum',
    fields: 'jpnum pluscrevnum siteid orgid description status jpduration priority changeby changedate',
    children: {
      jptask: 'jptask description taskduration',
      jplabor: 'craft skilllevel quantity laborhrs',
      jpmaterial: '*',
      jptool: '*',
    },
    revision: 'pluscrevnum',
    activeRevision: JOB_PLAN_STATES,
    isOfNoSite: true,
  },
  sections: {
    used_by: {
      related: {
        preventive_maintenance: {
          objectStructure: 'MXAPIPM',
          of: ({ values: { jpnum } }) => [{ field: 'jpnum', op: 'eq', value: jpnum }],
          columns: 'pmnum siteid description status assetnum location nextdate',
          order: [{ field: 'nextdate', direction: 'asc' }],
        },
      },
    },
    attachments: { children: { doclinks: '*' } },
  },
})
