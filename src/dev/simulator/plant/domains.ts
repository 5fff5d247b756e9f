import type { PlantBuilder } from './builder.ts'

/** `value[=internal value]|description[|site]`; a value without an internal one is its own, and the default. */
const SYNONYMS: Readonly<Record<string, string>> = {
  WOSTATUS: `WAPPR|Waiting on approval
APPR|Approved
WPCOND=APPR|Waiting on plant conditions
APPR S1=APPR|Approved, first shift|BEDFORD
WSCH|Waiting to be scheduled
WMATL|Waiting on material
INPRG|In progress
COMP|Completed
CLOSE|Closed
CAN|Canceled
HISTEDIT|Edited in History`,
  SRSTATUS: `NEW|New
QUEUED|Queued
PENDING|Pending
INPROG|In progress
RESOLVED|Resolved
CLOSED|Closed
REJECTED=CLOSED|Rejected
CANCELLED=CLOSED|Cancelled
HISTEDIT|Edited in History`,
  LOCASSETSTATUS: `NOT READY|Not ready
OPERATING|Operating
ACTIVE=OPERATING|Active
LIMITEDUSE=OPERATING|Limited use
DECOMMISSIONED|Decommissioned
BROKEN=DECOMMISSIONED|Broken
INACTIVE=DECOMMISSIONED|Inactive
MISSING=DECOMMISSIONED|Missing
SEALED=DECOMMISSIONED|Sealed
IMPORTED|Imported`,
  ITEMSTATUS: `PENDING|Pending
PLANNING|Planning
ACTIVE|Active
PENDOBS|Pending obsolescence
OBSOLETE|Obsolete`,
  WOCLASS: `WORKORDER|Work order
ACTIVITY|Activity
CHANGE|Change
RELEASE|Release`,
  TKCLASS: `SR|Service request
INCIDENT|Incident
PROBLEM|Problem`,
  LINETYPE: `ITEM|Item
MATERIAL|Material
SERVICE|Service
SPORDER|Special order
STDSERVICE|Standard service
TOOL|Tool`,
  ISSUETYP: `ISSUE|Issue
RETURN|Return
RECEIPT|Receipt
TRANSFER|Transfer
VOIDRECEIPT|Void receipt`,
  ITEMTYPE: `ITEM|Item
TOOL|Tool
STDSERVICE|Standard service`,
  LTTYPE: `WORK|Work
TRAV|Travel
NON-WORK|Non-work
VAC|Vacation
SICK|Sick`,
  LOGTYPE: `CLIENTNOTE|Client note
WORK|Work
UPDATE|Update
APPTNOTE|Appointment note`,
  RELATETYPE: `FOLLOWUP|Follow-up
ORIGINATOR|Originator
RELATED|Related`,
  ASSETTYPE: `FACILITIES|Facilities
FLEET|Fleet
IT|Information technology
PRODUCTION|Production
PACKAGING=PRODUCTION|Packaging`,
  LOCTYPE: `OPERATING|Operating location
STOREROOM|Storeroom
REPAIR|Repair location
VENDOR|Vendor`,
  FAILTYPE: `PROBLEM|Problem
CAUSE|Cause
REMEDY|Remedy`,
  ASSIGNSTATUS: `WAITASGN|Waiting for assignment
ASSIGNED|Assigned
STARTED|Started
COMPLETE|Complete`,
  METERTYPE: `CONTINUOUS|Continuous
GAUGE|Gauge
CHARACTERISTIC|Characteristic`,
  READINGTYPE: `ACTUAL|Actual
DELTA|Delta`,
  PMSTATUS: `DRAFT|Draft
ACTIVE|Active
INACTIVE|Inactive`,
  JOBPLANSTATUS: `DRAFT|Draft
ACTIVE|Active
INACTIVE|Inactive`,
  FREQUNIT: `DAYS|Days
WEEKS|Weeks
MONTHS|Months
YEARS|Years`,
  PERSONSTATUS: `ACTIVE|Active
INACTIVE|Inactive`,
  LABORSTATUS: `ACTIVE|Active
INACTIVE|Inactive`,
  CATEGORY: `STK|Stocked
NS|Nonstocked
SP|Special order`,
  LOTTYPE: `NOLOT|Not tracked by lot
LOT|Tracked by lot`,
}

/** `value|description` */
const ALN: Readonly<Record<string, string>> = {
  HLM: `HIGH|High
LOW|Low
MEDIUM|Medium`,
  RAIL_WEAR: `1/16|One sixteenth of an inch
1/8|One eighth of an inch
1/4|A quarter of an inch`,
  SKILLLEVEL: `FIRSTCLASS|First class
SECONDCLASS|Second class
APPRENTICE|Apprentice`,
  SRSOURCE: `PHONE|Phone call
EMAIL|E-mail
WALKIN|Walk-in
PORTAL|Self service`,
  PHONETYPE: `WORK|Work
HOME|Home
MOBILE|Mobile`,
}

export function addDomains(plant: PlantBuilder): void {
  addSynonymDomains(plant, SYNONYMS)
  for (const [domainid, text] of Object.entries(ALN)) addAlnDomain(plant, domainid, text.split('\n'))
}

/** @param texts `value[=internal value]|description[|site]` per line, by domain. */
export function addSynonymDomains(plant: PlantBuilder, texts: Readonly<Record<string, string>>): void {
  for (const [domainid, text] of Object.entries(texts)) addSynonymDomain(plant, domainid, text.split('\n'))
}

function addSynonymDomain(plant: PlantBuilder, domainid: string, lines: readonly string[]): void {
  plant.add('MAXDOMAIN', {
    domainid,
    domaintype: 'SYNONYM',
    maxtype: 'UPPER',
    description: `${domainid} values`,
  })
  for (const line of lines) {
    const [names = '', description = '', siteid] = line.split('|')
    const [value = '', maxvalue = value] = names.split('=')
    plant.add('SYNONYMDOMAIN', {
      domainid,
      value,
      maxvalue,
      description,
      defaults: value === maxvalue,
      valueid: siteid === undefined ? `${domainid}|${value}` : `${domainid}|${value}|${siteid}`,
      siteid,
      orgid: siteid === undefined ? undefined : 'EAGLENA',
    })
  }
}

function addAlnDomain(plant: PlantBuilder, domainid: string, lines: readonly string[]): void {
  plant.add('MAXDOMAIN', { domainid, domaintype: 'ALN', maxtype: 'ALN', description: `${domainid} values` })
  for (const line of lines) {
    const [value = '', description = ''] = line.split('|')
    plant.add('ALNDOMAIN', { domainid, value, description, valueid: `${domainid}|${value}` })
  }
}
