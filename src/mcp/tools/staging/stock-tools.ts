import { z } from 'zod'
import { ok } from '../../../kernel/result.ts'
import { WORK_ORDERS } from '../work/search-work-orders.ts'
import { code, given, quantity, site, wonum } from './inputs.ts'
import { onlyRecord } from './only-record.ts'
import { stagingTool } from './staging-tool.ts'

const STOCK = 'MXAPIINVENTORY'

export const issueItems = stagingTool({
  toolset: 'inventory_write',
  objectStructure: WORK_ORDERS,
  name: 'issue_items',
  title: 'Issue or return items',
  does: 'Issues items out of a storeroom to a work order, or returns them from it.',
  input: { kind: z.enum(['issue', 'return']), wonum, item: code, storeroom: code, quantity, site },
  async proposals({ kind, wonum: record, item, storeroom, quantity: count, site: where }, context) {
    const [itemnum, location] = [item.toUpperCase(), storeroom.toUpperCase()]
    const what = `stock of ${item} in ${storeroom}`
    const wanted = { object: STOCK, filter: { itemnum, location }, where, what, fields: ['curbal'] }
    const stock = await onlyRecord(wanted, context)
    if (!stock.ok) return stock
    const balance = stock.value.values['curbal']
    const isShort = kind === 'issue' && typeof balance === 'number' && balance < count
    const values = given({ itemnum, storeloc: location, quantity: count, issuetype: kind.toUpperCase() })
    return ok({
      proposals: [
        {
          ...{ op: 'update', object: WORK_ORDERS, record, site: where, values: {} },
          children: { matusetrans: [{ action: 'add' as const, values }] },
        },
      ],
      notes: isShort ? [`The storeroom has ${balance} of it: less than is taken out.`] : [],
    })
  },
})
