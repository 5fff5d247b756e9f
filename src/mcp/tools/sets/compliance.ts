import { beforeToday, within } from '../lists/asked-arguments.ts'
import { listTool } from '../lists/list-tool.ts'
import { before, equals } from '../lists/plain-arguments.ts'
import { INSPECTION_STATES, PM_STATES } from '../status/meanings.ts'

/** Work types of calibration that IBM ships (maximo-api §8.3). */
const CALIBRATION = ['CAL', 'PMCAL', 'CMCAL', 'EMCAL']

export const listComplianceDue = listTool({
  name: 'list_compliance_due',
  title: 'List compliance due',
  description:
    'What is due for compliance, the earliest first: inspections that are not finished, or preventive maintenance of a calibration work type.',
  toolset: 'safety',
  isOnRequest: true,
  subject: {
    inspection: {
      objectStructure: 'MXAPIINSPECTIONRES',
      columns: [
        'resultnum',
        'inspformnum',
        'status',
        'asset',
        'location',
        'duedate',
        'createdate',
        'createby',
      ],
      order: [
        { field: 'duedate', direction: 'asc' },
        { field: 'createdate', direction: 'asc' },
      ],
      in: { meanings: INSPECTION_STATES, state: 'unfinished' },
      names: { due: 'duedate', of: 'asset' },
    },
    calibration: {
      objectStructure: 'MXAPIPM',
      columns: [
        'pmnum',
        'description',
        'assetnum',
        'location',
        'nextdate',
        'frequency',
        'frequnit',
        'worktype',
        'jpnum',
      ],
      order: [{ field: 'nextdate', direction: 'asc' }],
      always: [{ field: 'worktype', op: 'in', value: CALIBRATION }],
      in: { meanings: PM_STATES, state: 'active' },
      names: { due: 'nextdate', of: 'assetnum' },
    },
  },
  arguments: {
    asset: equals('of'),
    location: within(),
    due_before: before('due'),
    overdue: beforeToday('due'),
  },
})
