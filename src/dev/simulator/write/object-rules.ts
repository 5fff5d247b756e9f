import type { BmxError } from '../errors.ts'
import type { Row, Value } from '../plant/plant.ts'
import { assetRules } from './asset-rules.ts'
import { purchasingRules } from './purchasing-rules.ts'
import type { Saving } from './saving.ts'
import { workOrderRules } from './work-order-rules.ts'
import { workPartRules } from './work-part-rules.ts'

/** Attributes on their way into a record; what is not persistent is dropped before it is stored. */
export type Draft = Record<string, Value | undefined>

/** What an object does by itself when it is written. Everything is optional. */
export interface ObjectRule {
  /** Attribute that numbers new records. */
  readonly autoNumber?: string
  /** Attributes that only Maximo sets; a client's value is ignored in silence (maximo-api §4.2). */
  readonly readOnly?: readonly string[]
  /** Posted transactions: never changed, never deleted. */
  readonly isPosted?: boolean
  /** Fills in what a new record was not given. */
  readonly fill?: (draft: Draft, saving: Saving) => void
  /** Follows up on the changes before they are stored; `old` is null for a new record. May refuse or ask. */
  readonly settle?: (draft: Draft, old: Row | null, saving: Saving) => void
  /** What follows from the record and its children once they are stored. */
  readonly derive?: (row: Row, saving: Saving) => Draft
  /** Consequences in other tables, once. */
  readonly post?: (row: Row, saving: Saving) => void
  /** What a new status brings with it, by internal value. */
  readonly onStatus?: (row: Row, internal: string, atMs: number) => Draft
  /** Why a legal move to an internal status is refused all the same; null when it is not. */
  readonly objectTo?: (row: Row, internal: string, saving: Saving) => BmxError | null
  /** A record that can no longer be changed. */
  readonly isFrozen?: (row: Row) => boolean
}

const RULES: Readonly<Record<string, ObjectRule>> = {
  ...workOrderRules,
  ...workPartRules,
  ...assetRules,
  ...purchasingRules,
}

export const ruleOf = (mbo: string): ObjectRule => RULES[mbo] ?? {}
