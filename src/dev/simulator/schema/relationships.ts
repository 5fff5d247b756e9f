/**
 * The relationship map: `PARENT.NAME CHILD child=parent …`. A right side in quotes, or `true`/`false`, is a constant.
 * Dotted names in `oslc.where` and `oslc.select` resolve here and nowhere else. Our own subset, named as Maximo's.
 */
const LINES = `
WORKORDER.ASSET ASSET assetnum=assetnum siteid=siteid
WORKORDER.LOCATION LOCATIONS location=location siteid=siteid
WORKORDER.WOACTIVITY WORKORDER parent=wonum siteid=siteid istask=true
WORKORDER.CHILDREN WORKORDER parent=wonum siteid=siteid istask=false
WORKORDER.PARENT WORKORDER wonum=parent siteid=siteid
WORKORDER.SHOWPLANLABOR WPLABOR wonum=wonum siteid=siteid
WORKORDER.SHOWPLANMATERIAL WPMATERIAL wonum=wonum siteid=siteid
WORKORDER.UXSHOWACTUALLABOR LABTRANS refwo=wonum siteid=siteid
WORKORDER.LABTRANS LABTRANS refwo=wonum siteid=siteid
WORKORDER.UXSHOWACTUALMATERIAL MATUSETRANS refwo=wonum siteid=siteid
WORKORDER.WOWORKLOG WORKLOG recordkey=wonum siteid=siteid class=woclass
WORKORDER.UXSHOWFAILUREREPORT FAILUREREPORT wonum=wonum siteid=siteid
WORKORDER.SHOWASSIGNMENT ASSIGNMENT wonum=wonum siteid=siteid
WORKORDER.ASSIGNMENT ASSIGNMENT wonum=wonum siteid=siteid
WORKORDER.WOSTATUS WOSTATUS wonum=wonum siteid=siteid
WORKORDER.SHOWPLANTOOL WPTOOL wonum=wonum siteid=siteid
WORKORDER.SHOWPLANSERVICE WPSERVICE wonum=wonum siteid=siteid
WORKORDER.UXSHOWACTUALTOOL TOOLTRANS refwo=wonum siteid=siteid
WORKORDER.MULTIASSETLOCCI MULTIASSETLOCCI recordkey=wonum recordclass=woclass worksiteid=siteid
WORKORDER.WFASSIGNMENT WFASSIGNMENT ownerid=workorderid ownertable='WORKORDER'
WORKORDER.WOSLHAZPRECENABLED WOSAFETYLINK wonum=wonum siteid=siteid
WORKORDER.WOPRECAUTION WOPRECAUTION wonum=wonum siteid=siteid
WORKORDER.WOTAGOUT WOTAGOUT wonum=wonum siteid=siteid
WORKORDER.WOLOCKOUT WOLOCKOUT wonum=wonum siteid=siteid
WORKORDER.WOTOTAL WOTOTAL wonum=wonum siteid=siteid
WORKORDER.RELATEDRECORD RELATEDRECORD recordkey=wonum siteid=siteid class=woclass
WORKORDER.MODDOWNTIMEHIST MODDOWNTIMEHIST assetnum=assetnum siteid=siteid
WORKORDER.PM PM pmnum=pmnum siteid=siteid
WORKORDER.JOBPLAN JOBPLAN jpnum=jpnum
WORKORDER.WORKTYPE WORKTYPE worktype=worktype orgid=orgid
WORKORDER.LEAD PERSON personid=lead
WORKORDER.OWNER PERSON personid=owner
WORKORDER.SUPERVISOR PERSON personid=supervisor
WORKORDER.REPORTEDBY PERSON personid=reportedby
WORKORDER.FAILURECODE FAILURECODE failurecode=failurecode orgid=orgid
WORKORDER.PROBLEMCODE FAILURECODE failurecode=problemcode orgid=orgid
FAILUREREPORT.FAILURECODE FAILURECODE failurecode=failurecode orgid=orgid
WPLABOR.LABOR LABOR laborcode=laborcode
WPMATERIAL.ITEM ITEM itemnum=itemnum
LABTRANS.LABOR LABOR laborcode=laborcode
MATUSETRANS.ITEM ITEM itemnum=itemnum
ASSIGNMENT.LABOR LABOR laborcode=laborcode
ASSIGNMENT.WORKORDER WORKORDER wonum=wonum siteid=siteid
ASSET.ASSETSTATUS ASSETSTATUS assetnum=assetnum siteid=siteid
ASSET.LOCATION LOCATIONS location=location siteid=siteid
ASSET.PARENT ASSET assetnum=parent siteid=siteid
ASSET.CHILDREN ASSET parent=assetnum siteid=siteid
ASSET.ALLWO WORKORDER assetnum=assetnum siteid=siteid istask=false
ASSET.OPENWO WORKORDER assetnum=assetnum siteid=siteid istask=false historyflag=false
ASSET.INT_ASSETMETER ASSETMETER assetnum=assetnum siteid=siteid
ASSET.ASSETMETER ASSETMETER assetnum=assetnum siteid=siteid
ASSET.SPAREPART SPAREPART assetnum=assetnum siteid=siteid
ASSET.FAILURECODE FAILURECODE failurecode=failurecode orgid=orgid
ASSET.PM PM assetnum=assetnum siteid=siteid
ASSET.SR TICKET assetnum=assetnum assetsiteid=siteid
ASSET.ASSETSPECCLASS ASSETSPEC assetnum=assetnum siteid=siteid
ASSET.VENDOR COMPANIES company=vendor orgid=orgid
SPAREPART.ITEM ITEM itemnum=itemnum
ASSETMETER.ASSET ASSET assetnum=assetnum siteid=siteid
ASSETMETER.METER METER metername=metername
LOCATIONS.LOCHIERLOCONLY LOCHIERARCHY location=location siteid=siteid
LOCATIONS.LOCHIERARCHY LOCHIERARCHY location=location siteid=siteid
LOCATIONS.LOCANCESTOR LOCANCESTOR location=location siteid=siteid
LOCATIONS.CHILDREN LOCHIERARCHY parent=location siteid=siteid
LOCATIONS.ASSET ASSET location=location siteid=siteid
LOCATIONS.INT_LOCATIONMETER LOCATIONMETER location=location siteid=siteid
LOCATIONS.OPENWO WORKORDER location=location siteid=siteid istask=false historyflag=false
LOCHIERARCHY.LOCATIONS LOCATIONS location=location siteid=siteid
LOCANCESTOR.LOCATIONS LOCATIONS location=ancestor siteid=siteid
TICKET.TKSTATUS TKSTATUS ticketid=ticketid class=class
TICKET.ASSET ASSET assetnum=assetnum siteid=assetsiteid
TICKET.LOCATION LOCATIONS location=location siteid=siteid
TICKET.UXWORKLOG WORKLOG recordkey=ticketid class=class
TICKET.RELATEDWO RELATEDRECORD recordkey=ticketid class=class
TICKET.OWNER PERSON personid=owner
TICKET.REPORTEDBY PERSON personid=reportedby
PM.ASSET ASSET assetnum=assetnum siteid=siteid
PM.LOCATION LOCATIONS location=location siteid=siteid
PM.JOBPLAN JOBPLAN jpnum=jpnum
PM.WORKORDER WORKORDER pmnum=pmnum siteid=siteid
JOBPLAN.JOBTASK JPTASK jpnum=jpnum pluscrevnum=pluscrevnum
JOBPLAN.JOBLABOR JPLABOR jpnum=jpnum pluscrevnum=pluscrevnum
PERSON.PHONE PHONE personid=personid
PERSON.EMAIL EMAIL personid=personid
PERSON.LABOR LABOR personid=personid
LABOR.PERSON PERSON personid=personid
LABOR.LABORCRAFTRATE LABORCRAFTRATE laborcode=laborcode orgid=orgid
LABORCRAFTRATE.LABOR LABOR laborcode=laborcode orgid=orgid
LOCATIONMETER.LOCATION LOCATIONS location=location siteid=siteid
LOCATIONMETER.METER METER metername=metername
PO.POLINE POLINE ponum=ponum revisionnum=revisionnum siteid=siteid
PO.POTERM POTERM ponum=ponum revisionnum=revisionnum siteid=siteid
PO.POSTATUS POSTATUS ponum=ponum revisionnum=revisionnum siteid=siteid
PO.MATRECTRANS MATRECTRANS ponum=ponum siteid=siteid
PO.VENDOR COMPANIES company=vendor orgid=orgid
PO.PO_VENDOR COMPANIES company=vendor orgid=orgid
PO.PURCHASEAGENT PERSON personid=purchaseagent
PO.INVOICELINE INVOICELINE ponum=ponum siteid=siteid
PO.SITE SITE siteid=siteid
POLINE.ITEM ITEM itemnum=itemnum itemsetid=itemsetid
POLINE.PO PO ponum=ponum revisionnum=revisionnum siteid=siteid
POLINE.INVENTORY INVENTORY itemnum=itemnum itemsetid=itemsetid location=storeloc siteid=siteid
PR.PRLINE PRLINE prnum=prnum siteid=siteid
PR.VENDOR COMPANIES company=vendor orgid=orgid
PR.REQUESTEDBY PERSON personid=requestedby
PRLINE.ITEM ITEM itemnum=itemnum itemsetid=itemsetid
INVOICE.INVOICELINE INVOICELINE invoicenum=invoicenum siteid=siteid
INVOICE.VENDOR COMPANIES company=vendor orgid=orgid
INVOICELINE.PO PO ponum=ponum siteid=siteid
COMPANIES.INT_CONTACT COMPCONTACT company=company orgid=orgid
COMPANIES.PO PO vendor=company orgid=orgid
CLASSSTRUCTURE.CHILDREN CLASSSTRUCTURE parent=classstructureid
TKTEMPLATE.CLASSSTRUCTURE CLASSSTRUCTURE classstructureid=classstructureid
INSPECTIONRESULT.INSPFIELDRESULT INSPFIELDRESULT resultnum=resultnum siteid=siteid orgid=orgid
INSPECTIONRESULT.ASSET ASSET assetnum=asset siteid=siteid
WFASSIGNMENT.WORKORDER WORKORDER workorderid=ownerid
WFASSIGNMENT.WFINSTANCE WFINSTANCE wfid=wfid
INVBALANCES.INVENTORY INVENTORY itemnum=itemnum itemsetid=itemsetid location=location siteid=siteid
MAXDOMAIN.MAXTABLEDOMAIN MAXTABLEDOMAIN domainid=domainid
FAILURELIST.FAILURECODE FAILURECODE failurecode=failurecode orgid=orgid
FAILURELIST.PARENT FAILURELIST failurelist=parent orgid=orgid
FAILURELIST.CHILDREN FAILURELIST parent=failurelist orgid=orgid
ITEM.INVENTORY INVENTORY itemnum=itemnum itemsetid=itemsetid
INVENTORY.ITEM ITEM itemnum=itemnum itemsetid=itemsetid
INVENTORY.INVBALANCES INVBALANCES itemnum=itemnum itemsetid=itemsetid location=location siteid=siteid
INVENTORY.INVCOST INVCOST itemnum=itemnum itemsetid=itemsetid location=location siteid=siteid
INVENTORY.LOCATIONS LOCATIONS location=location siteid=siteid
MAXDOMAIN.SYNONYMDOMAIN SYNONYMDOMAIN domainid=domainid
MAXDOMAIN.ALNDOMAIN ALNDOMAIN domainid=domainid
ORGANIZATION.SITE SITE orgid=orgid
`

/** Objects whose records may have attachments, by their unique id. */
const ATTACHABLE = {
  WORKORDER: 'workorderid',
  ASSET: 'assetuid',
  LOCATIONS: 'locationsid',
  TICKET: 'ticketuid',
  PM: 'pmuid',
  JOBPLAN: 'jobplanid',
  ITEM: 'itemid',
  PO: 'poid',
  PR: 'prid',
  INVOICE: 'invoiceid',
  INSPECTIONRESULT: 'inspectionresultid',
} as const

/** The child's attribute equals the parent's, or a constant. */
export type JoinTerm =
  | { readonly child: string; readonly parent: string }
  | { readonly child: string; readonly constant: string | boolean }

export interface Relationship {
  readonly name: string
  readonly from: string
  readonly to: string
  readonly on: readonly JoinTerm[]
}

export const relationships: readonly Relationship[] = [
  ...LINES.split('\n').filter((line) => line !== ''),
  ...Object.entries(ATTACHABLE).map(
    ([mbo, id]) => `${mbo}.DOCLINKS DOCLINKS ownerid=${id} ownertable='${mbo}'`,
  ),
].map(parseRelationship)

function parseRelationship(line: string): Relationship {
  const [path, to, ...terms] = line.split(' ')
  const [from, name] = path?.split('.') ?? []
  if (from === undefined || name === undefined || to === undefined || terms.length === 0) {
    throw new Error(`not a relationship: ${line}`)
  }
  return { from, name, to, on: terms.map(parseJoin) }
}

function parseJoin(term: string): JoinTerm {
  const [child = '', parent = ''] = term.split('=')
  if (parent === 'true' || parent === 'false') return { child, constant: parent === 'true' }
  return parent.startsWith("'") ? { child, constant: parent.slice(1, -1) } : { child, parent }
}
