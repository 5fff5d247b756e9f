import { mbo } from './mbo.ts'

export const asset = mbo(
  'ASSET',
  { title: 'Assets', id: 'assetuid', key: 'siteid assetnum' },
  `
  assetuid BIGINT! Asset Unique ID
  assetid BIGINT! Asset ID
  assetnum UPPER(25)!* Asset
  siteid UPPER(8)!* Site
  orgid UPPER(8)!* Organization
  description ALN(100) Description
  description_longdescription LONGALN Long Description
  location UPPER(25)* Location
  parent UPPER(25)* Parent
  children YORN! Has Children?
  status ALN(20)!@LOCASSETSTATUS Status
  statusdate DATETIME Status Date
  changeby UPPER(100)! Changed By
  changedate DATETIME! Changed Date
  assettype UPPER(15)@ASSETTYPE Type
  priority INTEGER Priority
  itemnum UPPER(30)* Rotating Item
  itemsetid UPPER(8)* Item Set
  manufacturer UPPER(12)* Manufacturer
  vendor UPPER(12)* Vendor
  serialnum UPPER(64) Serial Number
  installdate DATE Installation Date
  purchaseprice AMOUNT! Purchase Price
  replacecost AMOUNT! Replacement Cost
  totalcost AMOUNT! Total Cost
  budgetcost AMOUNT! Budgeted
  ytdcost AMOUNT! YTD Cost
  isrunning YORN! Running?
  moved YORN! Moved?
  disabled YORN! Disabled?
  autowogen YORN! Create Work Orders?
  failurecode UPPER(8)* Failure Class
  groupname UPPER(10)* Meter Group
  glaccount GL* GL Account
  assethealth INTEGER Health
  expectedlife INTEGER Expected Life
  `,
)

export const assetstatus = mbo(
  'ASSETSTATUS',
  { title: 'Asset Status History', id: 'assetstatusid', key: 'assetstatusid' },
  `
  assetstatusid BIGINT! Status ID
  assetnum UPPER(25)! Asset
  siteid UPPER(8)! Site
  status ALN(20)!@LOCASSETSTATUS Status
  changeby UPPER(100)! Changed By
  changedate DATETIME! Status Date
  memo ALN(50) Memo
  `,
)

export const locations = mbo(
  'LOCATIONS',
  { title: 'Locations', id: 'locationsid', key: 'siteid location' },
  `
  locationsid BIGINT! Location Unique ID
  location UPPER(25)!* Location
  siteid UPPER(8)!* Site
  orgid UPPER(8)!* Organization
  description ALN(100) Description
  description_longdescription LONGALN Long Description
  type UPPER(16)!@LOCTYPE Type
  status ALN(20)!@LOCASSETSTATUS Status
  statusdate DATETIME Status Date
  changeby UPPER(100)! Changed By
  changedate DATETIME! Changed Date
  failurecode UPPER(8)* Failure Class
  glaccount GL* GL Account
  locpriority INTEGER Priority
  isdefault YORN! Default?
  useinpopr YORN! Use in PO/PR?
  disabled YORN! Disabled?
  parent UPPER(25)~ Parent
  haschildren YORN~ Has Children?
  hasparent YORN~ Has Parent?
  `,
)

export const lochierarchy = mbo(
  'LOCHIERARCHY',
  { title: 'Location Hierarchy', id: 'lochierarchyid', key: 'location parent systemid siteid' },
  `
  lochierarchyid BIGINT! Hierarchy ID
  location UPPER(25)!* Location
  parent UPPER(25)* Parent
  systemid UPPER(8)!* System
  siteid UPPER(8)!* Site
  orgid UPPER(8)!* Organization
  children YORN! Has Children?
  `,
)

export const locancestor = mbo(
  'LOCANCESTOR',
  { title: 'Location Ancestors', id: 'locancestorid', key: 'location ancestor systemid siteid' },
  `
  locancestorid BIGINT! Ancestor ID
  location UPPER(25)!* Location
  ancestor UPPER(25)!* Ancestor
  systemid UPPER(8)!* System
  siteid UPPER(8)!* Site
  orgid UPPER(8)!* Organization
  `,
)

export const assetmeter = mbo(
  'ASSETMETER',
  { title: 'Asset Meters', id: 'assetmeterid', key: 'siteid assetnum metername linearassetmeterid' },
  `
  assetmeterid BIGINT! Asset Meter ID
  assetnum UPPER(25)!* Asset
  siteid UPPER(8)!* Site
  orgid UPPER(8)!* Organization
  metername UPPER(30)!* Meter
  linearassetmeterid BIGINT! Linear Asset Meter ID
  active YORN! Active?
  readingtype UPPER(10)@READINGTYPE Reading Type
  lastreading ALN(18) Last Reading
  lastreadingdate DATETIME Last Reading Date
  lastreadinginspctr ALN(100) Inspector
  previousreading ALN(18) Previous Reading
  previousreadingdate DATETIME Previous Reading Date
  lifetodate DECIMAL(15,2) Life to Date
  measureunitid UPPER(16)* Unit
  domainid UPPER(18) Domain
  newreading ALN(18)~ New Reading
  newreadingdate DATETIME~ New Reading Date
  `,
)

export const meter = mbo(
  'METER',
  { title: 'Meters', id: 'meterid', key: 'metername' },
  `
  meterid BIGINT! Meter ID
  metername UPPER(30)! Meter
  description ALN(100) Description
  metertype UPPER(25)!@METERTYPE Type
  measureunitid UPPER(16)* Unit
  domainid UPPER(18) Domain
  `,
)

export const sparepart = mbo(
  'SPAREPART',
  { title: 'Spare Parts', id: 'sparepartid', key: 'sparepartid' },
  `
  sparepartid BIGINT! Spare Part ID
  assetnum UPPER(25)!* Asset
  siteid UPPER(8)!* Site
  itemnum UPPER(30)!* Item
  quantity DECIMAL(15,2)! Quantity
  description ALN(100)~ Description
  `,
)

export const failurelist = mbo(
  'FAILURELIST',
  { title: 'Failure List', id: 'failurelist', key: 'failurelist orgid' },
  `
  failurelist BIGINT! Failure List
  failurecode UPPER(8)!* Failure Code
  parent BIGINT Parent
  type UPPER(12)@FAILTYPE Type
  orgid UPPER(8)!* Organization
  `,
)

export const failurecode = mbo(
  'FAILURECODE',
  { title: 'Failure Codes', id: 'failurecodeid', key: 'failurecode orgid' },
  `
  failurecodeid BIGINT! Failure Code ID
  failurecode UPPER(8)! Failure Code
  description ALN(100) Description
  orgid UPPER(8)!* Organization
  `,
)

export const pm = mbo(
  'PM',
  { title: 'Preventive Maintenance', id: 'pmuid', key: 'siteid pmnum' },
  `
  pmuid BIGINT! PM Unique ID
  pmnum UPPER(8)! PM
  siteid UPPER(8)!* Site
  orgid UPPER(8)!* Organization
  description ALN(100) Description
  status UPPER(16)!@PMSTATUS Status
  frequency INTEGER! Frequency
  frequnit UPPER(8)!@FREQUNIT Frequency Units
  assetnum UPPER(25)* Asset
  location UPPER(25)* Location
  jpnum UPPER(12)* Job Plan
  worktype UPPER(5)* Work Type
  priority INTEGER Priority
  nextdate DATE Next Due Date
  laststartdate DATETIME Last Start Date
  lastcompdate DATETIME Last Completion Date
  leadtime INTEGER Lead Time
  usetargetdate YORN! Use Target Date?
  supervisor UPPER(100)* Supervisor
  changeby UPPER(100)! Changed By
  changedate DATETIME! Changed Date
  `,
)

export const jobplan = mbo(
  'JOBPLAN',
  { title: 'Job Plans', id: 'jobplanid', key: 'jpnum orgid siteid pluscrevnum' },
  `
  jobplanid BIGINT! Job Plan ID
  jpnum UPPER(12)! Job Plan
  pluscrevnum INTEGER! Revision
  orgid UPPER(8)* Organization
  siteid UPPER(8)* Site
  description ALN(100) Description
  status UPPER(16)!@JOBPLANSTATUS Status
  jpduration DURATION(8,2) Duration
  priority INTEGER Priority
  changeby UPPER(100) Changed By
  changedate DATETIME Changed Date
  `,
)

export const jptask = mbo(
  'JPTASK',
  { title: 'Job Plan Tasks', id: 'jptaskid', key: 'jptaskid' },
  `
  jptaskid BIGINT! Task ID
  jpnum UPPER(12)! Job Plan
  pluscrevnum INTEGER! Revision
  jptask INTEGER! Task
  description ALN(100) Description
  taskduration DURATION(8,2) Duration
  `,
)

export const jplabor = mbo(
  'JPLABOR',
  { title: 'Job Plan Labor', id: 'jplaborid', key: 'jplaborid' },
  `
  jplaborid BIGINT! Labor ID
  jpnum UPPER(12)! Job Plan
  pluscrevnum INTEGER! Revision
  craft UPPER(8)* Craft
  quantity INTEGER! Quantity
  laborhrs DURATION(8,2)! Hours
  `,
)

export const moddowntimehist = mbo(
  'MODDOWNTIMEHIST',
  { title: 'Downtime History', id: 'moddowntimehistid', key: 'moddowntimehistid' },
  `
  moddowntimehistid BIGINT! Downtime ID
  assetnum UPPER(25)! Asset
  siteid UPPER(8)! Site
  startdate DATETIME! Start
  enddate DATETIME End
  code ALN(16) Downtime Code
  `,
)
