import { z } from 'zod'
import { ASSIGNMENTS } from '../../../maximo/inbox.ts'
import { code, day, given, longText, quantity, site, text } from './inputs.ts'
import { stagingTool } from './staging-tool.ts'

/** Purchasing, workflow and attachments. */
const DOCUMENTS = { pr: 'MXAPIPR', po: 'MXAPIPO', invoice: 'MXAPIINVOICE' } as const
const MONEY = ['maximo:write', 'maximo:finance'] as const
const number = z.string().min(1).max(30)

export const createPurchaseRequisition = stagingTool({
  toolset: 'purchasing_write',
  objectStructure: DOCUMENTS.pr,
  scopes: MONEY,
  risk: 'high',
  name: 'create_purchase_requisition',
  title: 'Create a purchase requisition',
  does: 'New requisition with lines.',
  input: {
    description: text,
    vendor: code.optional(),
    required_by: day.optional(),
    site,
    lines: z
      .array(
        z.strictObject({
          item: code.optional(),
          description: text.optional(),
          quantity,
          unit_cost: z.number().min(0).max(10_000_000).optional(),
        }),
      )
      .min(1)
      .max(20),
  },
  proposals: ({ description, vendor, required_by, site: where, lines }) => ({
    proposals: [
      {
        op: 'create',
        object: DOCUMENTS.pr,
        site: where,
        values: given({
          description,
          vendor,
          requireddate: required_by === undefined ? undefined : `${required_by}T00:00:00Z`,
        }),
        children: {
          prline: lines.map(({ item, description: about, quantity: orderqty, unit_cost: unitcost }) => ({
            action: 'add' as const,
            values: given({ itemnum: item, description: about, orderqty, unitcost }),
          })),
        },
      },
    ],
  }),
})

export const changePurchaseStatus = stagingTool({
  toolset: 'purchasing_write',
  objects: DOCUMENTS,
  scopes: MONEY,
  risk: 'high',
  name: 'change_purchase_status',
  title: 'Change purchase document status',
  does: 'Moves a requisition, order or invoice to a status that Maximo allows now.',
  input: {
    kind: z.enum(['pr', 'po', 'invoice']),
    number,
    status: code,
    memo: z.string().min(1).max(50).optional(),
    site,
  },
  proposals: ({ kind, number: record, status, memo, site: where }) => ({
    proposals: [
      {
        ...{ op: 'status', object: DOCUMENTS[kind], record, site: where, status },
        ...(memo !== undefined && { memo }),
      },
    ],
  }),
})

export const respondToAssignment = stagingTool({
  toolset: 'workflow_write',
  objectStructure: ASSIGNMENTS,
  risk: 'high',
  name: 'respond_to_assignment',
  title: 'Respond to a workflow assignment',
  does: 'Accepts or rejects an assignment that waits for you.',
  input: {
    assignment_id: z.string().min(1).max(200).describe('record id in the inbox'),
    choice: z.enum(['accept', 'reject']),
    memo: z.string().min(1).max(50).optional(),
  },
  proposals: ({ assignment_id: record, choice, memo }) => ({
    proposals: [
      {
        ...{ op: 'answer', object: ASSIGNMENTS, record, accepted: choice === 'accept' },
        ...(memo !== undefined && { memo }),
      },
    ],
  }),
})

export const attachLink = stagingTool({
  toolset: 'attachments_write',
  name: 'attach_link',
  title: 'Attach a link',
  does: 'Attaches the address of a document to a record.',
  input: {
    object: z.string().min(1).max(60).describe('e.g. mxapiwodetail'),
    id: z.string().min(1).max(200),
    url: z.url({ protocol: /^https?$/ }).max(250),
    description: longText.max(100).optional(),
    site,
  },
  proposals: ({ object, id: record, url, description, site: where }) => ({
    proposals: [
      {
        ...{ op: 'attach', object, record, site: where, url },
        ...(description !== undefined && { description }),
      },
    ],
  }),
})
