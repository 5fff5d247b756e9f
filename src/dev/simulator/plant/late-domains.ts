/** Domains of purchasing, inspection and workflow, in the form of {@link addSynonymDomains}. */
export const LATE_DOMAINS: Readonly<Record<string, string>> = {
  POSTATUS: `WAPPR|Waiting on approval
APPR|Approved
INPRG|In progress
HOLD|On hold
CAN|Canceled
CLOSE|Closed
PNDREV|Pending revision
REVISD|Revised`,
  PRSTATUS: `WAPPR|Waiting on approval
APPR|Approved
COMP|Complete
CLOSE|Closed
CAN|Canceled`,
  IVSTATUS: `ENTERED|Entered
WAPPR|Waiting on approval
HOLD|On hold
APPR|Approved
PAID|Paid
CANCEL|Canceled`,
  POTYPE: `STD|Standard
BLK|Blanket
PRICE|Price
REL|Release
CHG|Change
SERV|Service`,
  RECEIPTS: `NONE|None
PARTIAL|Partial
COMPLETE|Complete`,
  COMPTYPE: `V|Vendor
M|Manufacturer
C|Courier
I|Internal`,
  INCIDENTSTATUS: `NEW|New
QUEUED|Queued
PENDING|Pending
INPROG|In progress
RESOLVED|Resolved
CLOSED|Closed
HISTEDIT|Edited in History`,
  INVUSESTATUS: `ENTERED|Entered
STAGED|Staged
SHIPPED|Shipped
COMPLETE|Complete
CANCELLED|Cancelled`,
  MRSTATUS: `DRAFT|Draft
WAPPR|Waiting on approval
APPR|Approved
CLOSE|Closed
CAN|Canceled`,
  INSPRESULTSTATUS: `PENDING|Pending
INPROG|In progress
REVIEW|In review
COMPLETED|Completed
CAN|Canceled
DRAFT|Draft`,
  COUNTBOOKSTATUS: `WAPPR|Waiting on approval
APPR|Approved
INPRG|In progress
COMP|Completed
CAN|Canceled`,
  WFASGNSTATUS: `ACTIVE|Active
COMPLETE|Complete
INACTIVE|Inactive
DEFAULT|Default`,
  TEMPLATESTATUS: `DRAFT|Draft
ACTIVE|Active
INACTIVE|Inactive`,
}
