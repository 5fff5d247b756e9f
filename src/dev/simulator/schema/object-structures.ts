import { DESCRIPTIONS } from './structure-descriptions.ts'
import type { Value } from '../plant/plant.ts'

/** A child of an object structure: its JSON name, the relationship that is its path segment, and its object name. */
export interface ChildNode {
  /** Name in `oslc.select` and in JSON. */
  readonly name: string
  readonly relation: string
  /** Object name in child keys and schemas; a view may differ from the table behind the relationship. */
  readonly objectName: string
  /** Attachments come as an object with a link, not as an array. */
  readonly isDoclinks: boolean
}

export interface SavedQuery {
  readonly name: string
  readonly title: string
  /** In the grammar of `oslc.where`; `:name` stands for the parameter `sqp:name`. */
  readonly where: string
}

export interface ObjectStructure {
  /** Values that all its records have; a new record gets them. */
  readonly only: Readonly<Record<string, Value>>
  /** Only read: MXAPIASSETSTATUS and the like know no POST. */
  readonly isReadOnly: boolean
  readonly name: string
  readonly description: string
  readonly mbo: string
  /** Authorisation application. */
  readonly app: string
  readonly children: readonly ChildNode[]
  readonly queries: readonly SavedQuery[]
}

export const objectStructures: readonly ObjectStructure[] = Object.entries(DESCRIPTIONS).map(
  ([name, description]) => ({
    name,
    description: description.about,
    mbo: description.mbo,
    app: description.app,
    children: (description.children ?? '')
      .split(' ')
      .filter((text) => text !== '')
      .map(parseChild),
    queries: description.queries ?? [],
    only: description.only ?? {},
    isReadOnly: description.isReadOnly ?? false,
  }),
)

function parseChild(text: string): ChildNode {
  const [name = '', relation = '', object] = text.split(':')
  return { name, relation, objectName: object ?? name.toUpperCase(), isDoclinks: name === 'doclinks' }
}
