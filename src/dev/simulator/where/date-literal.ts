import type { Clock } from '../../../kernel/clock.ts'
import { BmxError } from '../errors.ts'
import type { SimulatorRules } from '../rules.ts'
import { instantOfLocal, localDate } from '../time-zone.ts'

/** What turns a literal into an instant: the reader's zone, the instance's rule, the time. */
export interface DateReading {
  readonly zone: string
  readonly rules: Pick<SimulatorRules, 'dates'>
  readonly clock: Clock
}

const FORM = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}:\d{2})(\.\d{1,3})?(Z|[+-](?:0\d|1[0-4]):[0-5]\d)?)?$/
/** Bind values that IBM's own apps send: `&SYSDAY&`, `&SYSDATE&`, with days added. */
const BIND = /^&(SYSDAY|SYSDATE)&(?:([+-]\d{1,4})D)?$/
const DAY_MS = 86_400_000

/**
 * Reads a date literal as an instant. A date alone is its first moment in the reader's zone; without an offset the
 * time is the reader's.
 *
 * @throws BmxError for what is no date, and for the form the instance does not take.
 */
export function readInstant(value: string, reading: DateReading): number {
  const bound = BIND.exec(value)
  return bound === null ? readIso(value, reading) : readBind(bound, reading)
}

function readIso(value: string, reading: DateReading): number {
  const [, day, time, fraction = '', offset] = FORM.exec(value) ?? []
  if (day === undefined || !isCalendarDay(day)) throw notADate(value)
  if (time === undefined) return instantOfLocal(Date.parse(`${day}T00:00:00Z`), reading.zone)
  if (reading.rules.dates === (offset === undefined ? 'offset' : 'naive')) throw notADate(value)
  const local = Date.parse(`${day}T${time}${fraction}Z`)
  if (Number.isNaN(local)) throw notADate(value)
  return offset === undefined ? instantOfLocal(local, reading.zone) : local - offsetMs(offset)
}

function offsetMs(offset: string): number {
  const [sign, hours, minutes] = [offset.charAt(0), offset.slice(1, 3), offset.slice(4, 6)]
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000
}

/** The calendar day a literal means for a DATE attribute, `yyyy-MM-dd`. */
export const readDay = (value: string, reading: DateReading): string =>
  localDate(readInstant(value, reading), reading.zone)

function readBind([, name, days]: RegExpExecArray, reading: DateReading): number {
  const nowMs = reading.clock.nowMs() + Number(days ?? 0) * DAY_MS
  if (name === 'SYSDATE') return nowMs
  return instantOfLocal(Date.parse(`${localDate(nowMs, reading.zone)}T00:00:00Z`), reading.zone)
}

/** 2026-02-30 is not; JavaScript alone would read it as March. */
function isCalendarDay(day: string): boolean {
  const instant = Date.parse(`${day}T00:00:00Z`)
  return !Number.isNaN(instant) && new Date(instant).toISOString().startsWith(day)
}

const notADate = (value: string): BmxError =>
  new BmxError(400, 'BMXAA8744E', `The date value "${value}" is not valid.`)
