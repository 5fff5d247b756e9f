import { mbo } from './mbo.ts'

export const workorder = mbo(
  'WORKORDER',
  { title: 'Work Orders', id: 'workorderid', key: 'siteid wonum' },
  `
  workorderid BIGINT! Work Order ID
  wonum UPPER(25)!* Work Order
  siteid UPPER(8)!* Site
  orgid UPPER(8)!* Organization
  description ALN(100) Description
  description_longdescription LONGALN Long Description
  status UPPER(16)!@WOSTATUS Status
  statusdate DATETIME! Status Date
  changeby UPPER(100)! Changed By
  changedate DATETIME! Changed Date
  woclass UPPER(16)!@WOCLASS Class
  worktype UPPER(5)* Work Type
  wopriority INTEGER* Priority
  assetnum UPPER(25)* Asset
  location UPPER(25)* Location
  parent UPPER(25)* Parent Work Order
  istask YORN! Is Task?
  taskid INTEGER Task
  wosequence INTEGER Sequence
  haschildren YORN! Has Children?
  historyflag YORN! History?
  reportedby UPPER(82)* Reported By
  reportdate DATETIME Reported Date
  targstartdate DATETIME Target Start
  targcompdate DATETIME Target Finish
  schedstart DATETIME Scheduled Start
  schedfinish DATETIME Scheduled Finish
  actstart DATETIME Actual Start
  actfinish DATETIME Actual Finish
  estdur DURATION(8,2) Duration
  remdur DURATION(8,2) Time Remaining
  failurecode UPPER(8)* Failure Class
  problemcode UPPER(8)* Problem Code
  glaccount GL* GL Account
  supervisor UPPER(100)* Supervisor
  lead UPPER(100)* Lead
  owner UPPER(100)* Owner
  ownergroup UPPER(8)* Owner Group
  crewid UPPER(12)* Crew
  persongroup UPPER(8)* Work Group
  jpnum UPPER(12)* Job Plan
  pmnum UPPER(8)* PM
  origrecordid UPPER(10) Originating Record
  origrecordclass UPPER(16) Originating Record Class
  estlabhrs DURATION(8,2)! Estimated Labor Hours
  estlabcost AMOUNT! Estimated Labor Cost
  estmatcost AMOUNT! Estimated Material Cost
  actlabhrs DURATION(8,2)! Actual Labor Hours
  actlabcost AMOUNT! Actual Labor Cost
  actmatcost AMOUNT! Actual Material Cost
  calendar UPPER(8)* Calendar
  `,
)

export const worklog = mbo(
  'WORKLOG',
  { title: 'Work Log', id: 'worklogid', key: 'worklogid' },
  `
  worklogid BIGINT! Work Log ID
  recordkey UPPER(25)! Record
  class UPPER(16)! Class
  siteid UPPER(8)* Site
  logtype UPPER(16)!@LOGTYPE Type
  description ALN(100) Summary
  description_longdescription LONGALN Details
  createby UPPER(100)! Created By
  createdate DATETIME! Date
  clientviewable YORN! Viewable?
  `,
)

export const wplabor = mbo(
  'WPLABOR',
  { title: 'Planned Labor', id: 'wplaborid', key: 'wplaborid' },
  `
  wplaborid BIGINT! Planned Labor ID
  wonum UPPER(25)! Work Order
  siteid UPPER(8)! Site
  laborcode UPPER(8)* Labor
  craft UPPER(8)* Craft
  skilllevel ALN(12)@SKILLLEVEL Skill Level
  quantity INTEGER! Quantity
  laborhrs DURATION(8,2)! Regular Hours
  rate AMOUNT! Rate
  linecost AMOUNT! Line Cost
  `,
)

export const wpmaterial = mbo(
  'WPMATERIAL',
  { title: 'Planned Materials', id: 'wpitemid', key: 'wpitemid' },
  `
  wpitemid BIGINT! Planned Item ID
  wonum UPPER(25)! Work Order
  siteid UPPER(8)! Site
  itemnum UPPER(30)* Item
  description ALN(100) Description
  itemqty DECIMAL(15,2)! Quantity
  storeloc UPPER(25)* Storeroom
  location UPPER(25)* Location
  linetype UPPER(15)!@LINETYPE Line Type
  unitcost AMOUNT! Unit Cost
  linecost AMOUNT! Line Cost
  `,
)

export const labtrans = mbo(
  'LABTRANS',
  { title: 'Labor Actuals', id: 'labtransid', key: 'labtransid' },
  `
  labtransid BIGINT! Labor Transaction ID
  refwo UPPER(25)! Work Order
  siteid UPPER(8)! Site
  laborcode UPPER(8)!* Labor
  craft UPPER(8)* Craft
  startdate DATE! Start Date
  regularhrs DURATION(8,2)! Regular Hours
  payrate AMOUNT! Rate
  linecost AMOUNT! Line Cost
  transtype ALN(20)!@LTTYPE Type
  enterdate DATETIME! Entered Date
  `,
)

export const matusetrans = mbo(
  'MATUSETRANS',
  { title: 'Material Actuals', id: 'matusetransid', key: 'matusetransid' },
  `
  matusetransid BIGINT! Material Transaction ID
  refwo UPPER(25)! Work Order
  siteid UPPER(8)! Site
  itemnum UPPER(30)* Item
  description ALN(100) Description
  quantity DECIMAL(15,2)! Quantity
  storeloc UPPER(25)* Storeroom
  issuetype UPPER(16)!@ISSUETYP Transaction Type
  unitcost AMOUNT! Unit Cost
  linecost AMOUNT! Line Cost
  transdate DATETIME! Transaction Date
  `,
)

export const failurereport = mbo(
  'FAILUREREPORT',
  { title: 'Failure Report', id: 'failurereportid', key: 'failurereportid' },
  `
  failurereportid BIGINT! Failure Report ID
  wonum UPPER(25)! Work Order
  siteid UPPER(8)! Site
  orgid UPPER(8)! Organization
  type UPPER(12)!@FAILTYPE Type
  linenum BIGINT! Failure List Line
  failurecode UPPER(8)!* Failure Code
  `,
)

export const assignment = mbo(
  'ASSIGNMENT',
  { title: 'Assignments', id: 'assignmentid', key: 'assignmentid' },
  `
  assignmentid BIGINT! Assignment ID
  wonum UPPER(25)! Work Order
  siteid UPPER(8)! Site
  laborcode UPPER(8)* Labor
  craft UPPER(8)* Craft
  laborhrs DURATION(8,2) Hours
  scheduledate DATETIME Scheduled Start
  status UPPER(16)!@ASSIGNSTATUS Status
  `,
)

export const wostatus = mbo(
  'WOSTATUS',
  { title: 'Work Order Status History', id: 'wostatusid', key: 'wostatusid' },
  `
  wostatusid BIGINT! Status ID
  wonum UPPER(25)! Work Order
  siteid UPPER(8)! Site
  status UPPER(16)!@WOSTATUS Status
  changeby UPPER(100)! Changed By
  changedate DATETIME! Status Date
  memo ALN(50) Memo
  `,
)

export const tkstatus = mbo(
  'TKSTATUS',
  { title: 'Ticket Status History', id: 'tkstatusid', key: 'tkstatusid' },
  `
  tkstatusid BIGINT! Status ID
  ticketid UPPER(25)! Service Request
  class UPPER(16)! Class
  status UPPER(16)!@SRSTATUS Status
  changeby UPPER(100)! Changed By
  changedate DATETIME! Status Date
  memo ALN(50) Memo
  `,
)

export const wototal = mbo(
  'WOTOTAL',
  { title: 'Work Order Totals', id: 'wototalid', key: 'wototalid' },
  `
  wototalid BIGINT!~ Total ID
  wonum UPPER(25)!~ Work Order
  siteid UPPER(8)!~ Site
  total ALN(45)~ Total
  est AMOUNT~ Estimated
  act AMOUNT~ Actual
  `,
)

export const relatedrecord = mbo(
  'RELATEDRECORD',
  { title: 'Related Records', id: 'relatedrecordid', key: 'relatedrecordid' },
  `
  relatedrecordid BIGINT! Related Record ID
  recordkey UPPER(25)! Record
  class UPPER(16)! Class
  siteid UPPER(8) Site
  relatedreckey UPPER(25)! Related Record
  relatedrecclass UPPER(16)! Related Class
  relatedrecsiteid UPPER(8) Related Site
  relatetype UPPER(12)!@RELATETYPE Relationship
  `,
)

export const worktype = mbo(
  'WORKTYPE',
  { title: 'Work Types', id: 'worktypeid', key: 'worktypeid' },
  `
  worktypeid BIGINT! Work Type ID
  worktype UPPER(5)! Work Type
  wtypedesc ALN(50) Description
  woclass UPPER(16)!@WOCLASS Class
  orgid UPPER(8)!* Organization
  type UPPER(12) Kind
  `,
)

export const ticket = mbo(
  'TICKET',
  { title: 'Service Requests', id: 'ticketuid', key: 'ticketid class' },
  `
  ticketuid BIGINT! Ticket Unique ID
  ticketid UPPER(25)!* Service Request
  class UPPER(16)!@TKCLASS Class
  description ALN(100) Summary
  description_longdescription LONGALN Details
  status UPPER(16)!@SRSTATUS Status
  statusdate DATETIME! Status Date
  changeby UPPER(100)! Changed By
  changedate DATETIME! Changed Date
  reportedby UPPER(82)* Reported By
  reportedemail ALN(100) Reported E-mail
  reportdate DATETIME Reported Date
  affectedperson UPPER(82)* Affected Person
  reportedpriority INTEGER* Reported Priority
  internalpriority INTEGER* Internal Priority
  assetnum UPPER(25)* Asset
  assetsiteid UPPER(8)* Asset Site
  location UPPER(25)* Location
  siteid UPPER(8)* Site
  orgid UPPER(8)* Organization
  owner UPPER(100)* Owner
  ownergroup UPPER(8)* Owner Group
  supervisor UPPER(100)* Supervisor
  source UPPER(20)@SRSOURCE Source
  problemcode UPPER(8)* Problem Code
  targetstart DATETIME Target Start
  targetfinish DATETIME Target Finish
  actualstart DATETIME Actual Start
  actualfinish DATETIME Actual Finish
  actlabhrs DURATION(8,2)! Actual Labor Hours
  actlabcost AMOUNT! Actual Labor Cost
  hasactivity YORN! Has Activities?
  historyflag YORN! History?
  isknownerror YORN! Known Error?
  relatedtoglobal YORN! Related to Global?
  sitevisit YORN! Site Visit?
  template YORN! Template?
  `,
)
