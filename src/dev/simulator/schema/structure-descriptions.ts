import type { Value } from '../plant/plant.ts'
import type { SavedQuery } from './object-structures.ts'

export interface Description {
  readonly mbo: string
  readonly app: string
  readonly about: string
  /** `name:RELATION[:OBJECT]`, blank separated. */
  readonly children?: string
  readonly queries?: readonly SavedQuery[]
  readonly only?: Readonly<Record<string, Value>>
  readonly isReadOnly?: boolean
}

const OPEN = 'istask=0 and historyflag=0'

export const DESCRIPTIONS: Readonly<Record<string, Description>> = {
  MXAPIWODETAIL: {
    mbo: 'WORKORDER',
    app: 'WOTRACK',
    about: 'Maximo API for Work Order Details',
    children:
      'woactivity:WOACTIVITY:WOACTIVITY wplabor:SHOWPLANLABOR wpmaterial:SHOWPLANMATERIAL labtrans:UXSHOWACTUALLABOR ' +
      'matusetrans:UXSHOWACTUALMATERIAL wptool:SHOWPLANTOOL wpservice:SHOWPLANSERVICE ' +
      'tooltrans:UXSHOWACTUALTOOL multiassetlocci:MULTIASSETLOCCI worklog:WOWORKLOG failurereport:UXSHOWFAILUREREPORT ' +
      'wostatus:WOSTATUS moddowntimehist:MODDOWNTIMEHIST assignment:SHOWASSIGNMENT relatedrecord:RELATEDRECORD wototal:WOTOTAL ' +
      // The first is IBM's; the others as an administrator adds them, whose mobile people read them.
      'wosafetylink:WOSLHAZPRECENABLED woprecaution:WOPRECAUTION wotagout:WOTAGOUT wolockout:WOLOCKOUT doclinks:DOCLINKS',
    queries: [
      { name: 'OPENWO', title: 'Open work orders', where: OPEN },
      { name: 'OPENBYSITE', title: 'Open work orders of a site', where: `${OPEN} and siteid=:siteid` },
      { name: 'HIGHPRIORITY', title: 'Open, priority 1', where: `${OPEN} and wopriority=1` },
    ],
  },
  MXAPIASSET: {
    mbo: 'ASSET',
    app: 'ASSET',
    about: 'Maximo API for Asset',
    children:
      'assetmeter:INT_ASSETMETER assetspec:ASSETSPECCLASS assetstatus:ASSETSTATUS sparepart:SPAREPART doclinks:DOCLINKS',
    queries: [{ name: 'NOTRUNNING', title: 'Assets that are down', where: 'isrunning=0' }],
  },
  MXAPIOPERLOC: {
    mbo: 'LOCATIONS',
    app: 'LOCATION',
    about: 'Maximo API for Operating Locations',
    children:
      'locancestor:LOCANCESTOR lochierarchy:LOCHIERLOCONLY locationmeter:INT_LOCATIONMETER doclinks:DOCLINKS',
  },
  MXAPILOCATIONS: {
    mbo: 'LOCATIONS',
    app: 'LOCATION',
    about: 'Maximo API for Locations',
    children:
      'locancestor:LOCANCESTOR lochierarchy:LOCHIERLOCONLY locationmeter:INT_LOCATIONMETER doclinks:DOCLINKS',
  },
  MXAPISR: {
    mbo: 'TICKET',
    app: 'SR',
    about: 'Maximo API for Service Request',
    children: 'worklog:UXWORKLOG tkstatus:TKSTATUS relatedrecord:RELATEDWO doclinks:DOCLINKS',
    queries: [{ name: 'NEWSR', title: 'New service requests', where: 'status="NEW"' }],
  },
  MXAPIPM: {
    mbo: 'PM',
    app: 'PM',
    about: 'Maximo API for Preventive Maintenance',
    children: 'doclinks:DOCLINKS',
  },
  MXAPIJOBPLAN: {
    mbo: 'JOBPLAN',
    app: 'JOBPLAN',
    about: 'Maximo API for Job Plan',
    children: 'jptask:JOBTASK jplabor:JOBLABOR doclinks:DOCLINKS',
  },
  MXAPIPERSON: {
    mbo: 'PERSON',
    app: 'PERSON',
    about: 'Maximo API for Person',
    children: 'phone:PHONE email:EMAIL',
  },
  MXAPILABOR: {
    mbo: 'LABOR',
    app: 'LABOR',
    about: 'Maximo API for Labor',
    children: 'laborcraftrate:LABORCRAFTRATE',
  },
  MXAPIDOMAIN: {
    mbo: 'MAXDOMAIN',
    app: 'DOMAINADM',
    about: 'Maximo API for Domain',
    children: 'synonymdomain:SYNONYMDOMAIN alndomainvalue:ALNDOMAIN maxtabledomain:MAXTABLEDOMAIN',
  },
  MXAPISYNONYMDOMAIN: { mbo: 'SYNONYMDOMAIN', app: 'DOMAINADM', about: 'Maximo API for Synonym Domain' },
  MXAPIALNDOMAIN: { mbo: 'ALNDOMAIN', app: 'DOMAINADM', about: 'Maximo API for ALN Domain' },
  MXAPIWORKTYPE: { mbo: 'WORKTYPE', app: 'ORGANIZAT', about: 'Maximo API for Work Type' },
  MXAPIFAILURELIST: { mbo: 'FAILURELIST', app: 'FAILURE', about: 'Maximo API for Failure List' },
  MXAPIASSETMETER: { mbo: 'ASSETMETER', app: 'ASSET', about: 'Maximo API for Asset Meter' },
  MXAPIITEM: {
    mbo: 'ITEM',
    app: 'ITEM',
    about: 'Maximo API for Item',
    only: { itemtype: 'ITEM' },
    children: 'doclinks:DOCLINKS',
  },
  MXAPITOOLITEM: {
    mbo: 'ITEM',
    app: 'TOOL',
    about: 'Maximo API for Tool Item',
    only: { itemtype: 'TOOL' },
    children: 'doclinks:DOCLINKS',
  },
  MXAPIINVENTORY: {
    mbo: 'INVENTORY',
    app: 'INVENTOR',
    about: 'Maximo API for Inventory',
    children: 'invbalances:INVBALANCES invcost:INVCOST',
  },
  MXAPIORGANIZATION: {
    mbo: 'ORGANIZATION',
    app: 'ORGANIZAT',
    about: 'Maximo API for Organization',
    children: 'site:SITE',
  },
  MXAPIPO: {
    mbo: 'PO',
    app: 'PO',
    about: 'Maximo API for Purchase Order',
    children: 'poline:POLINE poterm:POTERM postatus:POSTATUS doclinks:DOCLINKS',
    queries: [{ name: 'TOAPPROVE', title: 'Waiting for approval', where: 'status="WAPPR"' }],
  },
  MXAPIRECEIPT: { mbo: 'MATRECTRANS', app: 'RECEIPTS', about: 'Maximo API for Receipts' },
  MXAPIPR: {
    mbo: 'PR',
    app: 'PR',
    about: 'Maximo API for Purchase Requisition',
    children: 'prline:PRLINE doclinks:DOCLINKS',
  },
  MXAPIINVOICE: {
    mbo: 'INVOICE',
    app: 'INVOICE',
    about: 'Maximo API for Invoice',
    children: 'invoiceline:INVOICELINE doclinks:DOCLINKS',
  },
  MXAPIVENDOR: {
    mbo: 'COMPANIES',
    app: 'COMPANY',
    about: 'Maximo API for Vendor',
    children: 'compcontact:INT_CONTACT',
  },
  MXAPIINVBAL: { mbo: 'INVBALANCES', app: 'INVENTOR', about: 'Maximo API for Inventory Balance' },
  MXAPILABORCRAFTRATE: { mbo: 'LABORCRAFTRATE', app: 'LABOR', about: 'Maximo API for Labor Craft Rate' },
  MXAPIMETER: { mbo: 'METER', app: 'METER', about: 'Maximo API for Meter' },
  MXAPILOCATIONMETER: { mbo: 'LOCATIONMETER', app: 'LOCATION', about: 'Maximo API for Location Meter' },
  MXAPIASSETSTATUS: {
    mbo: 'ASSETSTATUS',
    app: 'ASSET',
    about: 'Maximo API for Asset Status',
    isReadOnly: true,
  },
  MXAPIWORKLOG: { mbo: 'WORKLOG', app: 'WOTRACK', about: 'Maximo API for Work Log' },
  MXAPIWFASSIGNMENT: {
    mbo: 'WFASSIGNMENT',
    app: 'WFDESIGN',
    about: 'Maximo API for Workflow Assignment',
    isReadOnly: true,
  },
  MXAPIGLCOMP: { mbo: 'GLCOMPONENTS', app: 'CHARTOFACC', about: 'Maximo API for GL Components' },
  MXAPICLASSSTRUCTURE: { mbo: 'CLASSSTRUCTURE', app: 'ASSETCAT', about: 'Maximo API for Classification' },
  MXAPITKCLASS: { mbo: 'CLASSSTRUCTURE', app: 'ASSETCAT', about: 'Maximo API for Ticket Classification' },
  MXAPITKTEMPLATE: { mbo: 'TKTEMPLATE', app: 'TKTEMPLATE', about: 'Maximo API for Ticket Template' },
  MXAPITABLEDOMAIN: { mbo: 'MAXTABLEDOMAIN', app: 'DOMAINADM', about: 'Maximo API for Table Domain' },
  MXAPISRVAD: { mbo: 'SERVICEADDRESS', app: 'SRVAD', about: 'Maximo API for Service Address' },
  MXAPIWPEDITSETTING: {
    mbo: 'WPEDITSETTING',
    app: 'ORGANIZAT',
    about: 'Maximo API for Work Plan Edit Setting',
  },
  MXAPIINSPECTIONRES: {
    mbo: 'INSPECTIONRESULT',
    app: 'INSPRESULT',
    about: 'Maximo API for Inspection Result',
    children: 'inspfieldresult:INSPFIELDRESULT doclinks:DOCLINKS',
  },
  MXAPIGROUP: {
    mbo: 'MAXGROUP',
    app: 'SECURGROUP',
    about: 'Maximo API for Security Groups',
    isReadOnly: true,
  },
  MASPERUSER: {
    mbo: 'PERSON',
    app: 'MASPERUSER',
    about: 'People and Users of the Suite',
    children: 'email:EMAIL phone:PHONE',
    isReadOnly: true,
  },
}
