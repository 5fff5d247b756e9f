import { mbo } from './mbo.ts'

export const locationmeter = mbo(
  'LOCATIONMETER',
  { title: 'Location Meters', id: 'locationmeterid', key: 'location metername siteid' },
  `
  locationmeterid BIGINT! Location Meter ID
  location UPPER(25)!* Location
  siteid UPPER(8)!* Site
  orgid UPPER(8)!* Organization
  metername UPPER(30)!* Meter
  active YORN! Active?
  readingtype UPPER(10)@READINGTYPE Reading Type
  lastreading ALN(18) Last Reading
  lastreadingdate DATETIME Last Reading Date
  lastreadinginspctr ALN(100) Inspector
  previousreading ALN(18) Previous Reading
  previousreadingdate DATETIME Previous Reading Date
  measureunitid UPPER(16)* Unit
  domainid UPPER(18) Domain
  rollover DECIMAL(15,2) Rollover
  remarks ALN(50) Remarks
  newreading ALN(18)~ New Reading
  newreadingdate DATETIME~ New Reading Date
  `,
)

export const measureunit = mbo(
  'MEASUREUNIT',
  { title: 'Units of Measure', id: 'measureunitsid', key: 'measureunitid' },
  `
  measureunitsid BIGINT! Unit Unique ID
  measureunitid UPPER(16)! Unit
  abbreviation ALN(8) Abbreviation
  description ALN(100) Description
  `,
)

export const classstructure = mbo(
  'CLASSSTRUCTURE',
  { title: 'Classifications', id: 'classstructureuid', key: 'classstructureid' },
  `
  classstructureuid BIGINT! Classification Unique ID
  classstructureid UPPER(20)! Class Structure
  classificationid UPPER(192)! Classification
  description ALN(254) Description
  parent UPPER(20)* Parent
  haschildren YORN! Has Children?
  show YORN! Show?
  sortorder INTEGER Order
  orgid UPPER(8)* Organization
  siteid UPPER(8)* Site
  `,
)

export const assetspec = mbo(
  'ASSETSPEC',
  { title: 'Asset Specifications', id: 'assetspecid', key: 'assetspecid' },
  `
  assetspecid BIGINT! Specification ID
  assetnum UPPER(25)! Asset
  siteid UPPER(8)! Site
  orgid UPPER(8)! Organization
  assetattrid UPPER(16)! Attribute
  alnvalue ALN(254) Alphanumeric Value
  numvalue DECIMAL(15,2) Numeric Value
  measureunitid UPPER(16)* Unit
  displaysequence SMALLINT! Order
  changeby UPPER(100)! Changed By
  changedate DATETIME! Changed Date
  `,
)

export const wptool = mbo(
  'WPTOOL',
  { title: 'Planned Tools', id: 'wptoolid', key: 'wptoolid' },
  `
  wptoolid BIGINT! Planned Tool ID
  wonum UPPER(25)! Work Order
  siteid UPPER(8)! Site
  itemnum UPPER(30)!* Tool
  description ALN(100) Description
  itemqty DECIMAL(15,2)! Quantity
  hours DURATION(8,2)! Hours
  rate AMOUNT! Rate
  linecost AMOUNT! Line Cost
  `,
)

export const tooltrans = mbo(
  'TOOLTRANS',
  { title: 'Tool Actuals', id: 'tooltransid', key: 'tooltransid' },
  `
  tooltransid BIGINT! Tool Transaction ID
  refwo UPPER(25)! Work Order
  siteid UPPER(8)! Site
  itemnum UPPER(30)!* Tool
  toolqty DECIMAL(15,2)! Quantity
  toolhrs DURATION(8,2)! Hours
  toolrate AMOUNT! Rate
  linecost AMOUNT! Line Cost
  enterby UPPER(100)! Entered By
  enterdate DATETIME! Entered Date
  `,
)

export const wpservice = mbo(
  'WPSERVICE',
  { title: 'Planned Services', id: 'wpserviceid', key: 'wpserviceid' },
  `
  wpserviceid BIGINT! Planned Service ID
  wonum UPPER(25)! Work Order
  siteid UPPER(8)! Site
  description ALN(100) Description
  vendor UPPER(12)* Vendor
  linetype UPPER(15)!@LINETYPE Line Type
  itemqty DECIMAL(15,2)! Quantity
  unitcost AMOUNT! Unit Cost
  linecost AMOUNT! Line Cost
  `,
)

export const multiassetlocci = mbo(
  'MULTIASSETLOCCI',
  { title: 'Assets, Locations and CIs of a Record', id: 'multiid', key: 'multiid' },
  `
  multiid BIGINT! Entry ID
  recordkey UPPER(25)! Record
  recordclass UPPER(16)! Class
  worksiteid UPPER(8)! Site
  sequence INTEGER Sequence
  assetnum UPPER(25)* Asset
  location UPPER(25)* Location
  progress YORN! Done?
  isprimary YORN! Primary?
  `,
)

export const glcomponents = mbo(
  'GLCOMPONENTS',
  { title: 'GL Components', id: 'glcomponentsid', key: 'compvalue glorder orgid' },
  `
  glcomponentsid BIGINT! Component Unique ID
  compvalue UPPER(23)! Component
  glorder INTEGER! Segment
  orgid UPPER(8)!* Organization
  comptext ALN(50) Description
  active YORN! Active?
  `,
)

export const maxtabledomain = mbo(
  'MAXTABLEDOMAIN',
  { title: 'Table Domains', id: 'maxtabledomainid', key: 'domainid orgid siteid' },
  `
  maxtabledomainid BIGINT! Table Domain ID
  domainid UPPER(18)! Domain
  objectname UPPER(30)! Object
  validtnwhereclause ALN(254) Validation Clause
  listwhereclause ALN(254) List Clause
  orgid UPPER(8)* Organization
  siteid UPPER(8)* Site
  `,
)

export const tktemplate = mbo(
  'TKTEMPLATE',
  { title: 'Ticket Templates', id: 'tktemplateid', key: 'templateid' },
  `
  tktemplateid BIGINT! Template Unique ID
  templateid UPPER(10)! Template
  description ALN(100) Description
  class UPPER(16)!@TKCLASS Class
  status UPPER(12)!@TEMPLATESTATUS Status
  ownergroup UPPER(8)* Owner Group
  classstructureid UPPER(20)* Class Structure
  sortorder INTEGER Order
  `,
)

export const serviceaddress = mbo(
  'SERVICEADDRESS',
  { title: 'Service Addresses', id: 'serviceaddressid', key: 'addresscode orgid siteid' },
  `
  serviceaddressid BIGINT! Address Unique ID
  addresscode UPPER(30)! Address
  description ALN(100) Description
  streetaddress ALN(130) Street
  city UPPER(36) City
  stateprovince UPPER(25) State
  country ALN(36) Country
  latitudey DECIMAL(10,6) Latitude
  longitudex DECIMAL(10,6) Longitude
  orgid UPPER(8)!* Organization
  siteid UPPER(8)* Site
  `,
)

export const wpeditsetting = mbo(
  'WPEDITSETTING',
  { title: 'Work Plan Edit Settings', id: 'wpeditsettingid', key: 'status woclass orgid' },
  `
  wpeditsettingid BIGINT! Setting ID
  orgid UPPER(8)!* Organization
  woclass UPPER(16)!@WOCLASS Class
  status UPPER(16)!@WOSTATUS Status
  editwplabor YORN! Edit Labor?
  editwpmaterial YORN! Edit Materials?
  `,
)

export const maxgroup = mbo(
  'MAXGROUP',
  { title: 'Security Groups', id: 'maxgroupid', key: 'groupname' },
  `
  maxgroupid BIGINT! Group Unique ID
  groupname UPPER(30)! Group
  description ALN(100) Description
  independent YORN! Independent of Other Groups?
  authallsites YORN! Authorize All Sites?
  `,
)
