import { HOUR_MS, ORG, type PlantBuilder } from './builder.ts'
import type { Row } from './plant.ts'

const STATUS_COUNTS: Readonly<Record<string, number>> = {
  NEW: 10,
  QUEUED: 6,
  PENDING: 3,
  INPROG: 6,
  RESOLVED: 5,
  CLOSED: 4,
  REJECTED: 1,
  CANCELLED: 1,
}

const TEXTS = [
  'Office too cold in the morning',
  'Leak under the sink',
  'Strange smell near the boiler',
  'Dock door does not close',
  'Request for an extra socket',
  'Forklift alarm does not sound',
  'Badge reader fails at the gate',
  'Security camera blurred',
  'Lüftung klappert – bitte prüfen',
]

/** 36 service requests; some led to a work order. */
export function addServiceRequests(plant: PlantBuilder): void {
  const statuses = plant.random.shuffle(
    Object.entries(STATUS_COUNTS).flatMap(([status, count]) => Array.from({ length: count }, () => status)),
  )
  for (const [index, status] of statuses.entries()) {
    const request = addRequest(plant, {
      ticketid: String(1176 + index),
      status,
      siteid: index % 3 === 0 ? 'NASHUA' : 'BEDFORD',
    })
    if (status === 'INPROG') relateToWork(plant, request)
  }
}

const HISTORY = new Set(['CLOSED', 'REJECTED', 'CANCELLED'])
const STARTED = new Set(['INPROG', 'RESOLVED', 'CLOSED'])
const FINISHED = new Set(['RESOLVED', 'CLOSED'])

function addRequest(plant: PlantBuilder, sr: { ticketid: string; status: string; siteid: string }): Row {
  const { random } = plant
  const reportdate = plant.instant(-random.between(2, HISTORY.has(sr.status) ? 120 : 25))
  const statusdate = reportdate + random.between(1, 20) * HOUR_MS
  const person = sr.siteid === 'BEDFORD' ? 'TORRES' : 'UEDA'
  const row = plant.add('TICKET', {
    ...sr,
    class: 'SR',
    orgid: ORG,
    description: random.pick(TEXTS),
    statusdate,
    changeby: 'WILSON',
    changedate: statusdate,
    reportedby: person,
    affectedperson: random.pick([person, 'SINCLAIR']),
    reportedemail: `${person.toLowerCase()}@eagle.example`,
    reportdate,
    reportedpriority: random.between(1, 4),
    internalpriority: random.maybe(0.7, () => random.between(1, 4)),
    ...subjectOf(plant, sr.siteid),
    owner: random.maybe(sr.status === 'NEW' ? 0 : 1, () => random.pick(['WILSON', 'STOKES', 'OKAFOR'])),
    source: random.pick(['PHONE', 'EMAIL', 'WALKIN', 'PORTAL']),
    targetfinish: random.maybe(0.6, () => plant.planned(random.between(-3, 12))),
    actualstart: STARTED.has(sr.status) ? statusdate : undefined,
    actualfinish: FINISHED.has(sr.status) ? statusdate + HOUR_MS : undefined,
    actlabhrs: 0,
    actlabcost: 0,
    hasactivity: false,
    historyflag: HISTORY.has(sr.status),
    isknownerror: false,
    relatedtoglobal: false,
    sitevisit: false,
    template: false,
  })
  addNote(plant, row)
  return row
}

/** Most requests are about an asset and its place. */
function subjectOf(plant: PlantBuilder, siteid: string): Row {
  const asset = plant.random.maybe(0.6, () =>
    plant.random.pick(plant.rows('ASSET').filter((row) => row['siteid'] === siteid)),
  )
  if (asset === undefined) return {}
  return { assetnum: asset['assetnum'], assetsiteid: siteid, location: asset['location'] }
}

function addNote(plant: PlantBuilder, request: Row): void {
  if (!plant.random.chance(0.4)) return
  plant.add('WORKLOG', {
    recordkey: request['ticketid'],
    class: 'SR',
    siteid: request['siteid'],
    logtype: 'CLIENTNOTE',
    description: 'Caller asks for an answer today',
    createby: 'WILSON',
    createdate: Number(request['statusdate']) + HOUR_MS,
    clientviewable: true,
  })
}

function relateToWork(plant: PlantBuilder, request: Row): void {
  const order = plant.random.pick(
    plant.rows('WORKORDER').filter((row) => row['siteid'] === request['siteid'] && row['istask'] === false),
  )
  const sides = {
    sr: { key: request['ticketid'], class: 'SR', site: request['siteid'] },
    wo: { key: order['wonum'], class: 'WORKORDER', site: order['siteid'] },
  }
  addRelated(plant, { from: sides.sr, to: sides.wo, relatetype: 'FOLLOWUP' })
  addRelated(plant, { from: sides.wo, to: sides.sr, relatetype: 'ORIGINATOR' })
}

type Side = { readonly key: Row[string]; readonly class: string; readonly site: Row[string] }

function addRelated(plant: PlantBuilder, link: { from: Side; to: Side; relatetype: string }): void {
  plant.add('RELATEDRECORD', {
    recordkey: link.from.key,
    class: link.from.class,
    siteid: link.from.site,
    relatedreckey: link.to.key,
    relatedrecclass: link.to.class,
    relatedrecsiteid: link.to.site,
    relatetype: link.relatetype,
  })
}
