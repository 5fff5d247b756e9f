import { assertMayWrite } from '../auth/rights.ts'
import { BmxError } from '../errors.ts'
import type { Row } from '../plant/plant.ts'
import { relatedRows } from '../related-rows.ts'
import { resourceId } from '../resource-id.ts'
import { findObjectStructure, findRelationship, mboNamed } from '../schema/catalog.ts'
import { textIn, type Payload } from '../write/payload.ts'
import { createRecord, updateRecord } from '../write/save-record.ts'
import { formatInstant } from '../time-zone.ts'
import { hrefsOf, type Answer, type Exchange } from './exchange.ts'
import { answerWritten, savingOf } from './write-context.ts'
import type { WriteTarget } from './write-routes.ts'

interface Call {
  readonly row: Row
  readonly payload: Payload
}

/** `createWorkorder`, `createServiceRequest` on an asset, `createFollowUp` on a work order: a new record about this one. */
export function createFrom(exchange: Exchange, call: Call, structureName: string): Answer {
  const structure = findObjectStructure(structureName)
  if (structure === null) throw new Error(`no such object structure: ${structureName}`)
  assertMayWrite(exchange.user, structure, 'ADD')
  const mbo = mboNamed(structure.mbo)
  const saving = savingOf(exchange)
  const { assetnum, location, siteid, wonum } = call.row
  const about = Object.entries({ assetnum, location, siteid }).filter(([, value]) => value !== undefined)
  const target = { mbo, object: mbo.name.toLowerCase(), forced: {}, children: structure.children }
  const row = createRecord(target, { ...Object.fromEntries(about), ...call.payload } as Payload, saving)
  if (wonum !== undefined) {
    saving.db.insert('RELATEDRECORD', {
      recordkey: wonum,
      class: call.row['woclass'],
      siteid,
      relatedreckey: row['wonum'],
      relatedrecclass: row['woclass'],
      relatedrecsiteid: row['siteid'],
      relatetype: 'FOLLOWUP',
    })
  }
  const path = `os/${structure.name.toLowerCase()}/${resourceId(mbo, row)}`
  return { status: 201, headers: { location: hrefsOf(exchange).to(path) } }
}

/** `moveSingleAsset` with `{newlocation}`. @throws BmxError BMXAA2661E for a place that is none of the site. */
export function moveAsset(exchange: Exchange, target: WriteTarget, call: Call): Answer {
  assertMayWrite(exchange.user, target.structure, 'MOVE')
  const location = textIn(call.payload, 'newlocation')
  if (location === null) {
    throw new BmxError(400, 'BMXAA4195E', 'A value is required for newlocation.', {
      attribute: 'newlocation',
    })
  }
  const record = { mbo: target.collection.mbo, object: 'asset', forced: {}, children: [] }
  const row = updateRecord(record, call.row, { location }, savingOf(exchange))
  return answerWritten(exchange, { collection: target.collection, row, isNew: false })
}

/** `getWorkLog`: the notes of a work order. */
export function showWorkLog(exchange: Exchange, call: Call): Answer {
  const relationship = findRelationship('WORKORDER', 'WOWORKLOG')
  const rows = relationship === null ? [] : relatedRows(exchange.instance.plant, call.row, relationship)
  return {
    status: 200,
    body: rows.map((row) => ({
      description: String(row['description'] ?? ''),
      logtype: String(row['logtype']),
      createby: String(row['createby']),
      createdate: formatInstant(Number(row['createdate']), exchange.user.timezone),
    })),
  }
}
