/** What a value of an attribute is, folded from `type`/`subType` of Maximo's JSON schema. */
export type FieldKind = 'text' | 'integer' | 'number' | 'boolean' | 'datetime' | 'date' | 'time' | 'unknown'

export interface FieldSchema {
  /** Lower case, as on the wire. */
  readonly name: string
  readonly kind: FieldKind
  /** Maximo's own type name: UPPER, ALN, LONGALN, GL, BIGINT, YORN, DATETIME, …; null for pseudo attributes. */
  readonly subType: string | null
  readonly title: string | null
  readonly remarks: string | null
  /** Characters, for text. */
  readonly maxLength: number | null
  /** False: calculated by Maximo; can be shown, not filtered or sorted. */
  readonly isPersistent: boolean
  readonly isRequired: boolean
  /** Has a value list. `domainId` only where we know which. */
  readonly hasList: boolean
  readonly domainId: string | null
}

export interface ChildSchema {
  /** The key in rows and in `select.children`. */
  readonly name: string
  /** Relationship name for `where`, lower case. */
  readonly relation: string
  /** Upper-case name of the business object, if known. */
  readonly objectName: string | null
  /** Null: Maximo names the child but not its fields. */
  readonly fields: ReadonlyMap<string, FieldSchema> | null
}

/** One object structure, as this Maximo user sees it. */
export interface ObjectSchema {
  /** Upper case: `MXAPIWODETAIL`. */
  readonly resource: string
  /** The main business object: `WORKORDER`. */
  readonly objectName: string
  readonly description: string | null
  /** Key attributes, in the order people write them (`SITE/NUMBER`). */
  readonly key: readonly string[]
  /** The attribute with Maximo's own number of a record, unique and never empty; null where we do not know it. */
  readonly uniqueId: string | null
  readonly fields: ReadonlyMap<string, FieldSchema>
  readonly children: ReadonlyMap<string, ChildSchema>
  /** Relations we know by name and the object structure that describes their rows: `asset` → `MXAPIASSET`. */
  readonly relations: ReadonlyMap<string, string>
}
