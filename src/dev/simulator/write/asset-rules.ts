import { BmxError } from '../errors.ts'
import type { Row, Value } from '../plant/plant.ts'
import type { Draft, ObjectRule } from './object-rules.ts'
import type { Saving } from './saving.ts'

const READINGS = ['lastreading', 'lastreadingdate', 'previousreading', 'previousreadingdate', 'lifetodate']

function fillMeter(draft: Draft): void {
  draft['active'] ??= true
}

/** Assets, their meters, plans and stock. */
export const assetRules: Readonly<Record<string, ObjectRule>> = {
  ASSET: {
    autoNumber: 'assetnum',
    readOnly: ['assetid', 'children', 'moved', 'totalcost', 'ytdcost'],
    fill: (draft, { db }) => {
      draft['assetid'] ??= 90_000 + db.rows('ASSET').length
    },
  },
  LOCATIONS: {
    fill: (draft) => {
      draft['type'] ??= 'OPERATING'
    },
  },
  PM: { autoNumber: 'pmnum' },
  JOBPLAN: {
    autoNumber: 'jpnum',
    fill: (draft) => {
      draft['pluscrevnum'] ??= 0
    },
  },
  PERSON: {
    settle: (draft, old) => {
      const { firstname, lastname } = { ...old, ...draft }
      draft['displayname'] ??= old?.['displayname'] ?? [firstname, lastname].filter(Boolean).join(' ')
    },
  },
  ITEM: {
    fill: (draft) => {
      draft['itemtype'] ??= 'ITEM'
      draft['lottype'] ??= 'NOLOT'
    },
  },
  LOCATIONMETER: { readOnly: READINGS, fill: fillMeter, settle: takeReading },
  ASSETMETER: {
    readOnly: READINGS,
    fill: (draft) => {
      draft['linearassetmeterid'] ??= 0
      fillMeter(draft)
    },
    settle: takeReading,
  },
}

/**
 * `newreading` becomes the last reading. A characteristic must be in its domain, anything else is a number; an actual
 * reading of a counter does not go back, a difference is added.
 */
function takeReading(draft: Draft, old: Row | null, saving: Saving): void {
  const given = draft['newreading']
  if (given === undefined) return
  const record: Row = { ...old, ...draft }
  const reading = readingOf(given, record, saving)
  draft['previousreading'] = old?.['lastreading']
  draft['previousreadingdate'] = old?.['lastreadingdate']
  draft['lastreading'] = reading
  draft['lastreadingdate'] = draft['newreadingdate'] ?? saving.clock.nowMs()
  draft['lastreadinginspctr'] ??= saving.user.personId
}

function readingOf(given: Value, record: Row, { db }: Saving): string {
  const meter: Row = db.find('METER', 'metername', record['metername'] ?? '')[0] ?? {}
  if (meter['metertype'] === 'CHARACTERISTIC') {
    const allowed = db.find('ALNDOMAIN', 'domainid', meter['domainid'] ?? '')
    if (allowed.some((one) => one['value'] === given)) return String(given)
    throw badReading('BMXAA4190E', given, 'is not in the value list')
  }
  const number = Number(given)
  if (!Number.isFinite(number)) throw badReading('BMXAA4198E', given, 'is not a number')
  return meter['metertype'] === 'CONTINUOUS' ? counterReading(number, record) : String(number)
}

function counterReading(number: number, record: Row): string {
  const last = Number(record['lastreading'] ?? 0)
  if (record['readingtype'] === 'DELTA') return String(last + number)
  if (number < last) throw badReading('BMXAA4198E', number, 'is lower than the last reading')
  return String(number)
}

const badReading = (code: string, given: Value, why: string): BmxError =>
  new BmxError(400, code, `The reading ${String(given)} ${why}.`, {
    attribute: 'newreading',
    object: 'assetmeter',
  })
