import { mbo } from './mbo.ts'

export const person = mbo(
  'PERSON',
  { title: 'People', id: 'personuid', key: 'personid' },
  `
  personuid BIGINT! Person Unique ID
  personid UPPER(30)! Person
  firstname ALN(30) First Name
  lastname ALN(50) Last Name
  displayname ALN(82) Name
  title ALN(30) Title
  department ALN(30) Department
  status UPPER(16)!@PERSONSTATUS Status
  statusdate DATETIME! Status Date
  supervisor UPPER(30)* Supervisor
  primaryphone ALN(20)~ Primary Phone
  primaryemail ALN(100)~ Primary E-mail
  locationsite UPPER(8)* Site
  locationorg UPPER(8)* Organization
  location UPPER(25)* Location
  timezone UPPER(50) Time Zone
  `,
)

export const phone = mbo(
  'PHONE',
  { title: 'Phones', id: 'phoneid', key: 'phoneid' },
  `
  phoneid BIGINT! Phone ID
  personid UPPER(30)! Person
  phonenum ALN(20)! Phone
  type UPPER(16)@PHONETYPE Type
  isprimary YORN! Primary?
  `,
)

export const email = mbo(
  'EMAIL',
  { title: 'E-mail', id: 'emailid', key: 'emailid' },
  `
  emailid BIGINT! E-mail ID
  personid UPPER(30)! Person
  emailaddress ALN(100)! E-mail
  isprimary YORN! Primary?
  `,
)

export const labor = mbo(
  'LABOR',
  { title: 'Labor', id: 'laborid', key: 'laborcode orgid' },
  `
  laborid BIGINT! Labor ID
  laborcode UPPER(8)! Labor
  personid UPPER(30)!* Person
  orgid UPPER(8)!* Organization
  worksite UPPER(8)* Work Site
  status UPPER(12)!@LABORSTATUS Status
  crewid UPPER(12)* Crew
  availfactor DECIMAL(5,2) Availability
  `,
)

export const laborcraftrate = mbo(
  'LABORCRAFTRATE',
  { title: 'Labor Craft Rates', id: 'laborcraftrateid', key: 'laborcraftrateid' },
  `
  laborcraftrateid BIGINT! Rate ID
  laborcode UPPER(8)!* Labor
  orgid UPPER(8)!* Organization
  craft UPPER(8)!* Craft
  skilllevel ALN(12)@SKILLLEVEL Skill Level
  rate AMOUNT! Rate
  defaultcraft YORN! Default?
  `,
)

export const item = mbo(
  'ITEM',
  { title: 'Items', id: 'itemid', key: 'itemnum itemsetid' },
  `
  itemid BIGINT! Item ID
  itemnum UPPER(30)! Item
  itemsetid UPPER(8)!* Item Set
  description ALN(100) Description
  itemtype UPPER(15)!@ITEMTYPE Type
  status UPPER(16)!@ITEMSTATUS Status
  rotating YORN! Rotating?
  lottype UPPER(16)!@LOTTYPE Lot Type
  capitalized YORN! Capitalized?
  conditionenabled YORN! Condition Enabled?
  iskit YORN! Kit?
  inspectionrequired YORN! Inspect on Receipt?
  issueunit UPPER(16)* Issue Unit
  orderunit UPPER(16)* Order Unit
  commoditygroup UPPER(8)* Commodity Group
  `,
)

export const inventory = mbo(
  'INVENTORY',
  { title: 'Inventory', id: 'inventoryid', key: 'itemnum itemsetid location siteid' },
  `
  inventoryid BIGINT! Inventory ID
  itemnum UPPER(30)!* Item
  itemsetid UPPER(8)!* Item Set
  location UPPER(25)!* Storeroom
  siteid UPPER(8)!* Site
  orgid UPPER(8)!* Organization
  status UPPER(16)!@ITEMSTATUS Status
  category UPPER(16)@CATEGORY Stock Category
  binnum ALN(8) Default Bin
  minlevel DECIMAL(15,2)! Reorder Point
  maxlevel DECIMAL(15,2) Maximum
  orderqty DECIMAL(15,2)! Economic Order Quantity
  reorder YORN! Reorder?
  issueunit UPPER(16)* Issue Unit
  orderunit UPPER(16)* Order Unit
  deliverytime INTEGER! Lead Time
  curbal DECIMAL(15,2)~ Current Balance
  avblbalance DECIMAL(15,2)~ Available
  `,
)

export const invbalances = mbo(
  'INVBALANCES',
  { title: 'Inventory Balances', id: 'invbalancesid', key: 'invbalancesid' },
  `
  invbalancesid BIGINT! Balance ID
  itemnum UPPER(30)! Item
  itemsetid UPPER(8)! Item Set
  location UPPER(25)! Storeroom
  siteid UPPER(8)! Site
  binnum ALN(8) Bin
  lotnum UPPER(8) Lot
  conditioncode UPPER(30) Condition
  curbal DECIMAL(15,2)! Balance
  physcnt DECIMAL(15,2)! Physical Count
  physcntdate DATETIME! Count Date
  reconciled YORN! Reconciled?
  `,
)

export const invcost = mbo(
  'INVCOST',
  { title: 'Inventory Costs', id: 'invcostid', key: 'invcostid' },
  `
  invcostid BIGINT! Cost ID
  itemnum UPPER(30)! Item
  itemsetid UPPER(8)! Item Set
  location UPPER(25)! Storeroom
  siteid UPPER(8)! Site
  avgcost AMOUNT! Average Cost
  stdcost AMOUNT! Standard Cost
  lastcost AMOUNT! Last Cost
  `,
)

export const maxdomain = mbo(
  'MAXDOMAIN',
  { title: 'Domains', id: 'maxdomainid', key: 'domainid' },
  `
  maxdomainid BIGINT! Domain Unique ID
  domainid UPPER(18)! Domain
  domaintype UPPER(16)! Domain Type
  maxtype UPPER(8) Data Type
  description ALN(100) Description
  `,
)

export const synonymdomain = mbo(
  'SYNONYMDOMAIN',
  { title: 'Synonym Domain', id: 'synonymdomainid', key: 'domainid maxvalue value siteid orgid' },
  `
  synonymdomainid BIGINT! Synonym ID
  domainid UPPER(18)! Domain
  maxvalue ALN(50)! Internal Value
  value ALN(50)! Value
  description ALN(256) Description
  defaults YORN! Default?
  valueid ALN(256)! Value ID
  siteid UPPER(8)* Site
  orgid UPPER(8)* Organization
  `,
)

export const alndomain = mbo(
  'ALNDOMAIN',
  { title: 'Alphanumeric Domain', id: 'alndomainid', key: 'domainid value siteid orgid' },
  `
  alndomainid BIGINT! Value Unique ID
  domainid UPPER(18)! Domain
  value ALN(254)! Value
  description ALN(100) Description
  valueid ALN(300)! Value ID
  siteid UPPER(8)* Site
  orgid UPPER(8)* Organization
  `,
)

export const organization = mbo(
  'ORGANIZATION',
  { title: 'Organizations', id: 'organizationid', key: 'orgid' },
  `
  organizationid BIGINT! Organization ID
  orgid UPPER(8)! Organization
  description ALN(100) Description
  itemsetid UPPER(8)!* Item Set
  basecurrency1 UPPER(8)! Base Currency
  active YORN! Active?
  `,
)

export const site = mbo(
  'SITE',
  { title: 'Sites', id: 'siteuid', key: 'siteid' },
  `
  siteuid BIGINT! Site Unique ID
  siteid UPPER(8)! Site
  orgid UPPER(8)! Organization
  description ALN(100) Description
  active YORN! Active?
  `,
)
