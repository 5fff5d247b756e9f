import { z } from 'zod'
import { err, ok } from '../../../kernel/result.ts'
import type { Proposal } from '../../changes/staging/proposal.ts'
import { findExisting } from '../../changes/staging/find-existing.ts'
import { WORK_ORDERS } from '../work/search-work-orders.ts'
import { code, given, longText, site, text, values } from './inputs.ts'
import { stagingTool } from './staging-tool.ts'

const REQUESTS = 'MXAPISR'
const FACTS = { toolset: 'work_write', objectStructure: REQUESTS } as const
const ticket_id = z.string().min(1).max(30)

export const addWorkLog = stagingTool({
  toolset: 'work_write',
  objects: { work_order: WORK_ORDERS, service_request: REQUESTS },
  risk: 'low',
  name: 'add_work_log',
  title: 'Add a work log entry',
  does: 'Adds a note to a work order or a service request.',
  input: {
    record: z.string().min(1).max(30).describe('work order number or ticket id'),
    kind: z.enum(['work_order', 'service_request']),
    site,
    summary: text,
    details: longText.optional(),
    visible_to_requester: z.boolean().default(false),
  },
  proposals: ({ record, kind, site: where, summary, details, visible_to_requester }) => ({
    proposals: [
      {
        op: 'update',
        object: kind === 'work_order' ? WORK_ORDERS : REQUESTS,
        record,
        site: where,
        values: {},
        children: {
          worklog: [
            {
              action: 'add',
              values: given({
                description: summary,
                description_longdescription: details,
                logtype: visible_to_requester ? 'CLIENTNOTE' : 'WORK',
                clientviewable: visible_to_requester,
              }),
            },
          ],
        },
      },
    ],
  }),
})

export const createServiceRequest = stagingTool({
  ...FACTS,
  name: 'create_service_request',
  title: 'Create a service request',
  does: 'New service request, with a look for likely duplicates.',
  input: {
    description: text,
    details: longText.optional(),
    site,
    asset: code.optional(),
    location: code.optional(),
    reported_by: code.optional(),
    affected_person: code.optional(),
    priority: z.int().min(1).max(9).optional(),
  },
  proposals: (input) => ({
    proposals: [
      {
        op: 'create',
        object: REQUESTS,
        site: input.site,
        values: given({
          description: input.description,
          description_longdescription: input.details,
          assetnum: input.asset,
          location: input.location,
          reportedby: input.reported_by,
          affectedperson: input.affected_person,
          reportedpriority: input.priority,
        }),
      },
    ],
  }),
})

export const updateServiceRequest = stagingTool({
  ...FACTS,
  name: 'update_service_request',
  title: 'Update a service request',
  does: 'Changes fields or the owner of a service request, or its status alone.',
  input: { ticket_id, values: values.optional(), owner: code.optional(), status: code.optional() },
  proposals: ({ ticket_id: record, values: wanted = {}, owner, status }) => {
    const fields = { ...wanted, ...given({ owner }) }
    const update: Proposal = { op: 'update', object: REQUESTS, record, values: fields }
    return {
      proposals: [
        ...(Object.keys(fields).length > 0 ? [update] : []),
        ...(status === undefined ? [] : [{ op: 'status', object: REQUESTS, record, status } as const]),
      ],
    }
  },
})

export const createWorkOrderFromRequest = stagingTool({
  ...FACTS,
  name: 'create_work_order_from_request',
  title: 'Create a work order from a service request',
  does: 'New work order with the words, asset and place of a service request.',
  input: { ticket_id, work_type: code.optional(), priority: z.int().min(0).max(999).optional() },
  async proposals({ ticket_id: record, work_type: worktype, priority: wopriority }, context) {
    const schema = await context.maximo.schema(REQUESTS, context.call)
    const select = { fields: TAKEN.filter((name) => schema.fields.has(name)) }
    const found = await findExisting({ record }, { schema, select }, context)
    if (!found.ok) return err(found.error)
    const taken = Object.fromEntries(
      ['description', 'assetnum', 'location', 'siteid'].map((name) => [
        name,
        textOrNothing(found.value.record.values[name]),
      ]),
    )
    const ticket = textOrNothing(found.value.record.values['ticketid'])
    const origin = { origrecordid: ticket, origrecordclass: ticket === undefined ? undefined : 'SR' }
    const proposal = {
      op: 'create',
      object: WORK_ORDERS,
      values: given({ ...taken, ...origin, worktype, wopriority }),
    } as const
    return ok({ proposals: [proposal], isFromUntrusted: true })
  },
})

const TAKEN = ['ticketid', 'description', 'assetnum', 'location', 'siteid']
/** In one line, as a description has to be. */
const textOrNothing = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ') : undefined
