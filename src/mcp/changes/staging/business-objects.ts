/**
 * What may be written to, by business object (MBO): any object structure may be built on one, and be called anything. An
 * object that stands in neither list is not known to be harmless.
 */

/** What planners and technicians write every day. */
const EVERYDAY: ReadonlySet<string> = new Set([
  ...['WORKORDER', 'WOACTIVITY', 'WPLABOR', 'WPMATERIAL', 'WPTOOL', 'WPSERVICE', 'ASSIGNMENT', 'WORKLOG'],
  ...['LABTRANS', 'MATUSETRANS', 'TOOLTRANS', 'FAILUREREPORT', 'MULTIASSETLOCCI', 'RELATEDRECORD'],
  ...['WORKORDERSPEC', 'WOSERVICEADDRESS', 'SERVICEADDRESS', 'TKSERVICEADDRESS', 'DOCLINKS'],
  ...['TICKET', 'SR', 'INCIDENT', 'PROBLEM', 'TICKETSPEC'],
  ...[
    'ASSET',
    'ASSETMETER',
    'ASSETSPEC',
    'ASSETLOCRELATION',
    'SPAREPART',
    'DOWNTIMEREPORT',
    'MODDOWNTIMEHIST',
  ],
  ...['LOCATIONS', 'LOCATIONMETER', 'LOCATIONSPEC', 'MEASUREPOINT', 'MEASUREMENT'],
  ...[
    'PM',
    'PMMETER',
    'PMSEASON',
    'JOBPLAN',
    'JPTASK',
    'JOBTASK',
    'JPLABOR',
    'JOBLABOR',
    'JPMATERIAL',
    'JPTOOL',
  ],
  ...['ITEM', 'INVENTORY', 'INVBALANCES', 'INVRESERVE', 'INVUSE', 'INVUSELINE', 'INVUSELINESPLIT'],
  ...['COUNTBOOK', 'COUNTBOOKLINE', 'INSPECTIONRESULT', 'INSPFIELDRESULT', 'WFASSIGNMENT'],
])

/** Money, or what becomes it: it also takes the scope `maximo:finance`. */
const MONEY: ReadonlySet<string> = new Set([
  ...['PO', 'POLINE', 'POCOST', 'POTERM', 'PR', 'PRLINE', 'PRCOST', 'RFQ', 'RFQLINE', 'QUOTATIONLINE'],
  ...['INVOICE', 'INVOICELINE', 'INVOICECOST', 'INVOICETRANS', 'COMPANIES', 'COMPCONTACT'],
  ...['MATRECTRANS', 'SERVRECTRANS', 'RECEIPTINPUT', 'INVCOST', 'INVTRANS', 'INVVENDOR'],
  ...['GLCOMPONENTS', 'CHARTOFACCOUNTS', 'CONTRACT', 'CONTRACTLINE', 'PURCHVIEW', 'LABORCRAFTRATE'],
])

/** @param name upper case */
const isMoney = (name: string): boolean => MONEY.has(name)
export const isEveryday = (name: string): boolean => EVERYDAY.has(name) || MONEY.has(name)

/** Whether writing to these takes the scope `maximo:finance`. */
export const isFinance = (writesTo: readonly string[]): boolean => writesTo.some(isMoney)
