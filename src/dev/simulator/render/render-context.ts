import type { Clock } from '../../../kernel/clock.ts'
import type { Plant, Row } from '../plant/plant.ts'
import type { SimulatorRules } from '../rules.ts'
import type { Hrefs } from './hrefs.ts'

/** What the rendering of one answer depends on besides the rows. */
export interface RenderContext {
  readonly plant: Plant
  readonly clock: Clock
  readonly rules: SimulatorRules
  readonly hrefs: Hrefs
  /** The reader's time zone. */
  readonly zone: string
  /** False with `_dropnulls=0`: absent values are shown as null. */
  readonly dropNulls: boolean
  /** `internalvalues=1`: `<attribute>_maxvalue` beside synonyms. */
  readonly internalValues: boolean
  /** False with `ignorecollectionref=1`. */
  readonly collectionRefs: boolean
  /** Child filters `<mbo>.<relation>.where` and the like; they never touch the parents. */
  readonly narrow: (parent: string, relation: string, rows: readonly Row[]) => readonly Row[]
}
