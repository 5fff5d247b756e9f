import type { Scope } from '../../admission/scopes.ts'
import { listTool } from '../lists/list-tool.ts'
import { atLeast, before, equals, oneOf, words } from '../lists/plain-arguments.ts'
import { recordTool } from '../records/record-tool.ts'

/** What things cost is for those whom the owner let see it. */
const SCOPES: readonly Scope[] = ['maximo:read', 'maximo:finance']

export const searchPurchaseDocuments = listTool({
  name: 'search_purchase_documents',
  title: 'Search purchase documents',
  description:
    'Purchase requisitions (pr), orders (po) or invoices by text, status, vendor, person, total and due date, with the exact total of documents. Orders are listed once per revision.',
  toolset: 'purchasing',
  isOnRequest: true,
  scopes: SCOPES,
  subject: {
    pr: {
      objectStructure: 'MXAPIPR',
      columns: [
        'prnum',
        'description',
        'status',
        'vendor',
        'requestedby',
        'totalcost',
        'currencycode',
        'requireddate',
      ],
      order: [{ field: 'prnum', direction: 'desc' }],
      names: { due: 'requireddate' },
    },
    po: {
      objectStructure: 'MXAPIPO',
      columns: [
        'ponum',
        'revisionnum',
        'description',
        'status',
        'vendor',
        'purchaseagent',
        'totalcost',
        'currencycode',
        'vendeliverydate',
        'receipts',
      ],
      order: [{ field: 'orderdate', direction: 'desc' }],
      names: { due: 'vendeliverydate', requestedby: 'purchaseagent' },
    },
    invoice: {
      objectStructure: 'MXAPIINVOICE',
      columns: [
        'invoicenum',
        'description',
        'status',
        'vendor',
        'vendorinvoicenum',
        'totalcost',
        'currencycode',
        'invoicedate',
        'duedate',
      ],
      order: [{ field: 'invoicedate', direction: 'desc' }],
      names: { due: 'duedate' },
    },
  },
  arguments: {
    text: words(['description']),
    status: oneOf('status', 'exact statuses'),
    vendor: equals('vendor'),
    requested_by: equals('requestedby', 'person id: requester of a pr, buyer of a po'),
    min_total: atLeast('totalcost'),
    due_before: before('due', 'required (pr), delivered (po) or paid (invoice) before this day'),
  },
})

const HEAD =
  'description description_longdescription status statusdate vendor currencycode pretaxtotal totalcost'
const LINE = 'linetype itemnum description orderqty orderunit unitcost linecost'

export const getPurchaseDocument = recordTool({
  name: 'get_purchase_document',
  title: 'Get a purchase document',
  description:
    'One purchase requisition (pr), order (po) or invoice with its lines; of an order the latest revision unless named.',
  toolset: 'purchasing',
  isOnRequest: true,
  scopes: SCOPES,
  number: 'number',
  searchTool: 'search_purchase_documents',
  subject: {
    pr: {
      objectStructure: 'MXAPIPR',
      what: 'purchase requisition',
      field: 'prnum',
      fields: `prnum siteid ${HEAD} requestedby issuedate requireddate priority historyflag`,
      children: { prline: `prlinenum ${LINE} storeloc refwo ponum polinenum` },
      allowedStates: true,
    },
    po: {
      objectStructure: 'MXAPIPO',
      what: 'purchase order',
      field: 'ponum',
      fields: `ponum revisionnum siteid ${HEAD} potype orderdate requireddate vendeliverydate purchaseagent contact receipts
        receivedtotalcost exchangerate totalbasecost totaltax1 paymentterms freightterms shipto billto storeloc priority
        internal historyflag`,
      children: {
        poline: `polinenum ${LINE} receivedqty receiptscomplete storeloc refwo prnum requestedby reqdeliverydate`,
        poterm: 'termid description',
        postatus: 'status changedate changeby memo',
      },
      revision: 'revisionnum',
      allowedStates: true,
    },
    invoice: {
      objectStructure: 'MXAPIINVOICE',
      what: 'invoice',
      field: 'invoicenum',
      fields: `invoicenum revisionnum siteid ${HEAD} vendorinvoicenum invoicedate duedate historyflag`,
      children: {
        invoiceline:
          'invoicelinenum linetype ponum polinenum itemnum description invoiceqty invoiceunit unitcost linecost',
      },
      revision: 'revisionnum',
      allowedStates: true,
    },
  },
  sections: { attachments: { children: { doclinks: '*' } } },
})
