import type { Row } from '../plant/plant.ts'
import type { Mbo } from '../schema/mbo.ts'
import type { ChildNode } from '../schema/object-structures.ts'
import type { SelectItem } from '../select/parse-select.ts'
import type { Json, JsonObject } from './json.ts'
import type { RenderContext } from './render-context.ts'

/** Where a row stands in the answer: its object, its address, and the children its object structure gives it. */
export interface Level {
  readonly mbo: Mbo
  /** Path below the prefix, `os/mxapiasset/_MTE…`. */
  readonly path: string
  readonly children: readonly ChildNode[]
}

/** A JSON object under construction. */
export type Draft = Record<string, Json>

/** Writes what a select asks of one row. */
export type RenderRow = (
  row: Row,
  items: readonly SelectItem[],
  level: Level,
  context: RenderContext,
) => JsonObject

/** One entry of a select, to be written into the draft of one row. */
export interface ItemTask {
  readonly row: Row
  readonly item: SelectItem
  readonly level: Level
  readonly context: RenderContext
  readonly draft: Draft
  /** Renders a child row the same way. */
  readonly render: RenderRow
}

/** The nested object under these names, made where it is missing; a plain value of that name moves aside. */
export function nestedObject(draft: Draft, names: readonly string[]): Draft {
  let at = draft
  for (const name of names) {
    const known = at[name]
    const next: Draft = isDraft(known) ? known : {}
    if (known !== undefined && known !== next) at[aside(name)] = known
    at[name] = next
    at = next
  }
  return at
}

/** Where a plain attribute goes: aside when a nested object has its name (maximo-api §2.4). */
export const keyFor = (draft: Draft, name: string): string => (isDraft(draft[name]) ? aside(name) : name)

const aside = (name: string): string => `$alias_this_attr$${name}`

const isDraft = (value: Json | undefined): value is Draft =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
