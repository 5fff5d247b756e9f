import { z } from 'zod'
import { err, ok } from '../../../kernel/result.ts'
import { ASSIGNMENTS } from '../../../maximo/inbox.ts'
import { CHANGE_MARK } from '../../changes/plan.ts'
import { code, day, given, longText, quantity, site, text } from './inputs.ts'
import { orderLine, tooMuch } from './order-line.ts'
import { stagingTool } from './staging-tool.ts'

/** Purchasing, workflow and attachments. */
const DOCUMENTS = { pr: 'MXAPIPR', po: 'MXAPIPO', invoice: 'MXAPIINVOICE' } as const
const RECEIPTS = 'MXAPIRECEIPT'
/** Who wrote a receipt, as Maximo keeps it. */
const SOURCE = 'MAXIMO-MCP'
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

export const receiveItems = stagingTool({
  toolset: 'purchasing_write',
  objectStructure: RECEIPTS,
  scopes: MONEY,
  risk: 'high',
  name: 'receive_items',
  title: 'Receive items',
  does: 'Enters the receipt of a line of an approved purchase order.',
  input: {
    number: number.describe('purchase order'),
    line: z.int().min(1).max(9_999),
    quantity,
    packing_slip: z.string().min(1).max(20).optional(),
    site,
  },
  async proposals({ number: ponum, line, quantity: receiptquantity, packing_slip, site: where }, context) {
    const found = await orderLine({ ponum, line, where }, context)
    if (!found.ok) return found
    const { siteid, porevisionnum, left } = found.value
    if (left !== null && receiptquantity > left) return err(tooMuch(line, left))
    return ok({
      proposals: [
        {
          ...{ op: 'create', object: RECEIPTS, site: siteid ?? where },
          values: given({
            ...{ ponum, positeid: siteid, porevisionnum, polinenum: line, issuetype: 'RECEIPT' },
            ...{ receiptquantity, packingslipnum: packing_slip },
            // By it a receipt whose answer was lost is found, and no other taken for it.
            ...{ externalrefid: CHANGE_MARK, sourcesysid: SOURCE },
          }),
        },
      ],
    })
  },
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

/** Text alone: whoever agrees reads all of it. */
export const attachFile = stagingTool({
  toolset: 'attachments_write',
  name: 'attach_file',
  title: 'Attach a text file',
  does: 'Attaches a text file with the given content to a record.',
  input: {
    object: z.string().min(1).max(60).describe('e.g. mxapiwodetail'),
    id: z.string().min(1).max(200),
    name: z
      .string()
      .regex(/^[\w -]{1,80}$/)
      .describe('without its ending'),
    type: z.enum(['txt', 'md', 'csv', 'json']).default('txt'),
    content: z.string().min(1).max(20_000),
    description: longText.max(100).optional(),
    site,
  },
  proposals: ({ object, id: record, name, type, content: text, description, site: where }) => ({
    proposals: [
      {
        ...{ op: 'attach', object, record, site: where },
        file: { name: `${name}.${type}`, mediaType: TYPES[type], text },
        ...(description !== undefined && { description }),
      },
    ],
  }),
})

const TYPES = { txt: 'text/plain', md: 'text/markdown', csv: 'text/csv', json: 'application/json' } as const

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
