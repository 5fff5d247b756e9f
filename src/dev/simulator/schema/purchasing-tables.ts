import { mbo } from './mbo.ts'

export const companies = mbo(
  'COMPANIES',
  { title: 'Companies', id: 'companiesid', key: 'company orgid' },
  `
  companiesid BIGINT! Company Unique ID
  company UPPER(12)! Company
  orgid UPPER(8)!* Organization
  name ALN(50) Name
  type UPPER(12)!@COMPTYPE Type
  currencycode UPPER(8)! Currency
  address1 ALN(50) Address
  address2 ALN(50) City
  phone ALN(20) Phone
  fax ALN(20) Fax
  contact ALN(50) Contact
  paymentterms ALN(20) Payment Terms
  fob ALN(20) Free on Board
  shipvia ALN(20) Ship Via
  customernum ALN(16) Customer
  disabled YORN! Disqualified?
  `,
)

export const compcontact = mbo(
  'COMPCONTACT',
  { title: 'Company Contacts', id: 'compcontactid', key: 'compcontactid' },
  `
  compcontactid BIGINT! Contact ID
  company UPPER(12)! Company
  orgid UPPER(8)! Organization
  contact ALN(50)! Contact
  position ALN(50) Position
  voicephone ALN(20) Phone
  email ALN(100) E-mail
  `,
)

export const po = mbo(
  'PO',
  { title: 'Purchase Orders', id: 'poid', key: 'ponum revisionnum siteid' },
  `
  poid BIGINT! PO Unique ID
  ponum UPPER(8)! PO
  revisionnum INTEGER! Revision
  siteid UPPER(8)!* Site
  orgid UPPER(8)!* Organization
  description ALN(100) Description
  description_longdescription LONGALN Details
  status UPPER(20)!@POSTATUS Status
  statusdate DATETIME! Status Date
  orderdate DATETIME Order Date
  requireddate DATETIME Required Date
  vendeliverydate DATE Vendor Date
  potype UPPER(12)@POTYPE Type
  priority INTEGER! Priority
  vendor UPPER(12)* Company
  contact ALN(50) Contact
  purchaseagent UPPER(100)* Buyer
  currencycode UPPER(8)! Currency
  exchangerate DECIMAL(14,7) Exchange Rate
  pretaxtotal DECIMAL(10,2) Pretax Total
  totalcost DECIMAL(10,2) Total Cost
  totalbasecost DECIMAL(10,2) Total Base Cost
  totaltax1 DECIMAL(10,2) Tax 1
  receivedtotalcost DECIMAL(10,2) Received Total
  receipts ALN(20)@RECEIPTS Receipts
  internal YORN! Internal?
  inspectionrequired YORN! Inspection Required?
  payonreceipt YORN! Pay on Receipt?
  paymentterms ALN(20) Payment Terms
  freightterms ALN(50) Freight Terms
  shipto UPPER(30) Ship To
  shiptoattn UPPER(100) Attention
  billto UPPER(30) Bill To
  storeloc UPPER(25)* Storeroom
  storelocsiteid UPPER(8)* Storeroom Site
  historyflag YORN! History?
  changeby UPPER(100)! Changed By
  changedate DATETIME! Changed Date
  `,
)

export const poline = mbo(
  'POLINE',
  { title: 'PO Lines', id: 'polineid', key: 'ponum revisionnum siteid polinenum' },
  `
  polineid BIGINT! PO Line ID
  ponum UPPER(8)! PO
  revisionnum INTEGER! Revision
  siteid UPPER(8)! Site
  orgid UPPER(8)! Organization
  polinenum INTEGER! Line
  linetype UPPER(15)!@LINETYPE Line Type
  itemnum UPPER(30)* Item
  itemsetid UPPER(8)* Item Set
  description ALN(100) Description
  orderqty DECIMAL(15,2) Quantity
  orderunit UPPER(16)* Order Unit
  unitcost DECIMAL(10,2) Unit Cost
  linecost DECIMAL(10,2)! Line Cost
  loadedcost DECIMAL(10,2)! Loaded Cost
  receivedqty DECIMAL(15,2) Received Quantity
  receivedtotalcost DECIMAL(10,2)! Received Cost
  receiptscomplete YORN! Receipts Complete?
  inspectionrequired YORN! Inspection Required?
  issue YORN! Issue on Receipt?
  storeloc UPPER(25)* Storeroom
  tositeid UPPER(8)! To Site
  assetnum UPPER(25)* Asset
  location UPPER(25)* Location
  refwo UPPER(25) Work Order
  gldebitacct GL Debit Account
  glcreditacct GL Credit Account
  prnum UPPER(8) PR
  prlinenum INTEGER PR Line
  requestedby UPPER(100)* Requested By
  reqdeliverydate DATE Required Date
  enterby UPPER(100)! Entered By
  enterdate DATETIME! Entered Date
  `,
)

export const poterm = mbo(
  'POTERM',
  { title: 'PO Terms', id: 'potermid', key: 'potermid' },
  `
  potermid BIGINT! PO Term ID
  ponum UPPER(8)! PO
  revisionnum INTEGER! Revision
  siteid UPPER(8)! Site
  termid UPPER(8)! Term
  description ALN(100) Description
  sendtovendor YORN! Send to Vendor?
  `,
)

export const postatus = mbo(
  'POSTATUS',
  { title: 'PO Status History', id: 'postatusid', key: 'postatusid' },
  `
  postatusid BIGINT! Status ID
  ponum UPPER(8)! PO
  revisionnum INTEGER! Revision
  siteid UPPER(8)! Site
  status UPPER(20)!@POSTATUS Status
  changeby UPPER(100)! Changed By
  changedate DATETIME! Status Date
  memo ALN(50) Memo
  `,
)

export const pr = mbo(
  'PR',
  { title: 'Purchase Requisitions', id: 'prid', key: 'prnum siteid' },
  `
  prid BIGINT! PR Unique ID
  prnum UPPER(8)! PR
  siteid UPPER(8)!* Site
  orgid UPPER(8)!* Organization
  description ALN(100) Description
  description_longdescription LONGALN Details
  status UPPER(20)!@PRSTATUS Status
  statusdate DATETIME! Status Date
  requestedby UPPER(100)* Requested By
  issuedate DATETIME Issue Date
  requireddate DATETIME Required Date
  priority INTEGER! Priority
  vendor UPPER(12)* Company
  currencycode UPPER(8)! Currency
  pretaxtotal DECIMAL(10,2) Pretax Total
  totalcost DECIMAL(10,2)! Total Cost
  historyflag YORN! History?
  changeby UPPER(100)! Changed By
  changedate DATETIME! Changed Date
  `,
)

export const prline = mbo(
  'PRLINE',
  { title: 'PR Lines', id: 'prlineid', key: 'prnum siteid prlinenum' },
  `
  prlineid BIGINT! PR Line ID
  prnum UPPER(8)! PR
  siteid UPPER(8)! Site
  orgid UPPER(8)! Organization
  prlinenum INTEGER! Line
  linetype UPPER(15)!@LINETYPE Line Type
  itemnum UPPER(30)* Item
  itemsetid UPPER(8)* Item Set
  description ALN(100) Description
  orderqty DECIMAL(15,2) Quantity
  orderunit UPPER(16)* Order Unit
  unitcost DECIMAL(10,2) Unit Cost
  linecost DECIMAL(10,2)! Line Cost
  storeloc UPPER(25)* Storeroom
  refwo UPPER(25) Work Order
  ponum UPPER(8) PO
  polinenum INTEGER PO Line
  enterby UPPER(100)! Entered By
  enterdate DATETIME! Entered Date
  `,
)

export const invoice = mbo(
  'INVOICE',
  { title: 'Invoices', id: 'invoiceid', key: 'invoicenum siteid' },
  `
  invoiceid BIGINT! Invoice Unique ID
  invoicenum UPPER(8)! Invoice
  siteid UPPER(8)!* Site
  orgid UPPER(8)!* Organization
  revisionnum INTEGER! Revision
  description ALN(100) Description
  status UPPER(20)!@IVSTATUS Status
  statusdate DATETIME! Status Date
  vendor UPPER(12)!* Company
  vendorinvoicenum ALN(15) Vendor Invoice
  invoicedate DATETIME! Invoice Date
  duedate DATE Due Date
  currencycode UPPER(8)! Currency
  totalcost DECIMAL(10,2)! Invoice Total
  historyflag YORN! History?
  changeby UPPER(100)! Changed By
  changedate DATETIME! Changed Date
  `,
)

export const invoiceline = mbo(
  'INVOICELINE',
  { title: 'Invoice Lines', id: 'invoicelineid', key: 'invoicenum siteid invoicelinenum' },
  `
  invoicelineid BIGINT! Invoice Line ID
  invoicenum UPPER(8)! Invoice
  siteid UPPER(8)! Site
  orgid UPPER(8)! Organization
  invoicelinenum INTEGER! Line
  linetype UPPER(15)!@LINETYPE Line Type
  ponum UPPER(8) PO
  polinenum INTEGER PO Line
  itemnum UPPER(30)* Item
  description ALN(100) Description
  invoiceqty DECIMAL(15,2) Quantity
  invoiceunit UPPER(16)* Unit
  unitcost DECIMAL(10,2) Unit Cost
  linecost DECIMAL(10,2)! Line Cost
  enterby UPPER(100)! Entered By
  enterdate DATETIME! Entered Date
  `,
)

export const matrectrans = mbo(
  'MATRECTRANS',
  { title: 'Material Receipts', id: 'matrectransid', key: 'matrectransid' },
  `
  matrectransid BIGINT! Receipt ID
  ponum UPPER(8) PO
  porevisionnum INTEGER PO Revision
  positeid UPPER(8) PO Site
  receiptquantity DECIMAL(15,2) Quantity Received
  packingslipnum ALN(20) Packing Slip
  externalrefid ALN(10) External Reference
  sourcesysid ALN(10) Source System
  polinenum INTEGER PO Line
  revisionnum INTEGER Revision
  siteid UPPER(8)! Site
  itemnum UPPER(30)* Item
  quantity DECIMAL(15,2)! Quantity
  unitcost AMOUNT! Unit Cost
  linecost AMOUNT! Line Cost
  tostoreloc UPPER(25)* To Storeroom
  issuetype UPPER(16)!@ISSUETYP Transaction Type
  transdate DATETIME! Transaction Date
  enterby UPPER(100)! Entered By
  `,
)
