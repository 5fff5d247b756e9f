import { mbo } from './mbo.ts'

export const inspectionresult = mbo(
  'INSPECTIONRESULT',
  { title: 'Inspection Results', id: 'inspectionresultid', key: 'orgid resultnum siteid' },
  `
  inspectionresultid BIGINT! Result Unique ID
  resultnum UPPER(12)! Result
  siteid UPPER(8)!* Site
  orgid UPPER(8)!* Organization
  inspformnum UPPER(12) Form
  status UPPER(20)!@INSPRESULTSTATUS Status
  statusdate DATETIME! Status Date
  referenceobject UPPER(20) Object
  referenceobjectid UPPER(25) Record
  asset UPPER(25) Asset
  location UPPER(25)* Location
  createdate DATETIME! Created
  createby UPPER(100)! Created By
  duedate DATETIME Due
  sequence INTEGER Sequence
  isbatch YORN! Batch?
  historyflag YORN! History?
  `,
)

export const inspfieldresult = mbo(
  'INSPFIELDRESULT',
  { title: 'Inspection Answers', id: 'inspfieldresultid', key: 'inspfieldresultid' },
  `
  inspfieldresultid BIGINT! Answer ID
  resultnum UPPER(12)! Result
  siteid UPPER(8)! Site
  orgid UPPER(8)! Organization
  inspquestionnum UPPER(12)! Question
  description ALN(100) Text
  txtresponse ALN(100) Answer
  numresponse DECIMAL(15,2) Number
  enterby UPPER(100)! Entered By
  enterdate DATETIME! Entered Date
  `,
)

export const wfassignment = mbo(
  'WFASSIGNMENT',
  { title: 'Workflow Assignments', id: 'wfassignmentid', key: 'assignid nodeid processname processrev wfid' },
  `
  wfassignmentid BIGINT! Assignment Unique ID
  assignid INTEGER! Assignment
  wfid INTEGER! Workflow Instance
  nodeid INTEGER! Node
  processname UPPER(12)! Process
  processrev INTEGER! Revision
  assigncode UPPER(100)! Assigned To
  assignstatus UPPER(12)!@WFASGNSTATUS Status
  app UPPER(15) Application
  ownertable UPPER(30)! Object
  ownerid BIGINT! Record
  description ALN(100) Description
  priority INTEGER Priority
  startdate DATETIME! Start Date
  duedate DATETIME Due Date
  `,
)

export const wfinstance = mbo(
  'WFINSTANCE',
  { title: 'Workflow Instances', id: 'wfinstanceid', key: 'wfid' },
  `
  wfinstanceid BIGINT! Instance Unique ID
  wfid INTEGER! Workflow Instance
  processname UPPER(12)! Process
  revision INTEGER! Revision
  ownertable UPPER(30)! Object
  ownerid BIGINT! Record
  active YORN! Active?
  originator UPPER(100)! Started By
  starttime DATETIME! Started
  `,
)

export const doclinks = mbo(
  'DOCLINKS',
  { title: 'Attachments', id: 'doclinksid', key: 'doclinksid' },
  `
  doclinksid BIGINT! Attachment ID
  docinfoid BIGINT! Document ID
  document ALN(20)! Document
  description ALN(254) Description
  doctype ALN(16)! Folder
  ownertable UPPER(30)! Object
  ownerid BIGINT! Record
  urltype UPPER(8)! Kind
  urlname ALN(250)! File Name
  contenttype ALN(100) Content Type
  attachmentsize BIGINT! Bytes
  createby UPPER(100)! Created By
  createdate DATETIME! Created
  changeby UPPER(100)! Changed By
  changedate DATETIME! Changed
  `,
)
