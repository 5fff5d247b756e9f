import { DAY_MS, HOUR_MS, type PlantBuilder } from './builder.ts'

/** How many of the 300 work orders are in which status. `APPR S1` is a synonym that exists in BEDFORD alone. */
export const STATUS_COUNTS: Readonly<Record<string, number>> = {
  WAPPR: 42,
  APPR: 46,
  WPCOND: 12,
  'APPR S1': 6,
  WSCH: 16,
  WMATL: 18,
  INPRG: 44,
  COMP: 42,
  CLOSE: 58,
  CAN: 13,
  HISTEDIT: 3,
}

export type Phase = 'waiting' | 'ready' | 'working' | 'done' | 'history' | 'cancelled'

const PHASES: Readonly<Record<string, Phase>> = {
  WAPPR: 'waiting',
  WMATL: 'ready',
  WSCH: 'ready',
  APPR: 'ready',
  WPCOND: 'ready',
  'APPR S1': 'ready',
  INPRG: 'working',
  COMP: 'done',
  CLOSE: 'history',
  HISTEDIT: 'history',
  CAN: 'cancelled',
}

export const phaseOf = (status: string): Phase => PHASES[status] ?? 'waiting'

export interface LifeDates {
  readonly reportdate: number
  readonly statusdate: number
  readonly changedate: number
  readonly targstartdate: number | undefined
  readonly targcompdate: number | undefined
  readonly schedstart: number | undefined
  readonly schedfinish: number | undefined
  readonly actstart: number | undefined
  readonly actfinish: number | undefined
}

/** Days before today: when reported (at most, at least) and when due (negative: overdue), by phase. */
const SPANS: Readonly<Record<Phase, { reported: [number, number]; due: [number, number] }>> = {
  waiting: { reported: [2, 45], due: [-12, 30] },
  ready: { reported: [3, 50], due: [-10, 25] },
  working: { reported: [5, 40], due: [-8, 12] },
  done: { reported: [20, 80], due: [-30, -2] },
  history: { reported: [60, 400], due: [-55, -30] },
  cancelled: { reported: [30, 200], due: [-25, 5] },
}

/** Dates that fit the phase, in days around the plant's day; about one in seven has no target. */
export function datesOf(plant: PlantBuilder, phase: Phase, estdur: number): LifeDates {
  const { random } = plant
  const span = SPANS[phase]
  const reported = -random.between(...span.reported)
  const due = Math.max(random.between(...span.due), reported + 1)
  const targcompdate = random.chance(0.86) ? plant.planned(due) : undefined
  const targstartdate = targcompdate === undefined ? undefined : targcompdate - random.between(1, 4) * DAY_MS
  const isScheduled = phase !== 'waiting' && phase !== 'cancelled' && random.chance(0.75)
  const schedstart = isScheduled ? plant.planned(due - 1) : undefined
  const actual = actualDates(plant, phase, reported)
  const reportdate = plant.instant(reported)
  const statusdate = actual.actfinish ?? actual.actstart ?? reportdate + random.between(1, 20) * HOUR_MS
  return {
    reportdate,
    statusdate,
    changedate: statusdate + random.between(0, 3600) * 1000,
    targstartdate,
    targcompdate,
    schedstart,
    schedfinish: schedstart === undefined ? undefined : schedstart + estdur * HOUR_MS,
    ...actual,
  }
}

function actualDates(
  plant: PlantBuilder,
  phase: Phase,
  reported: number,
): { actstart: number | undefined; actfinish: number | undefined } {
  if (phase === 'waiting' || phase === 'ready' || phase === 'cancelled') {
    return { actstart: undefined, actfinish: undefined }
  }
  const start = plant.random.between(reported + 1, phase === 'working' ? -1 : Math.floor(reported / 2))
  const actstart = plant.instant(start)
  if (phase === 'working') return { actstart, actfinish: undefined }
  return { actstart, actfinish: actstart + plant.random.between(60, 3000) * 60_000 + 123 }
}
