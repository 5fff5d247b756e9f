import type { DomainValue } from '../contract.ts'
import { suggest } from '../query/did-you-mean.ts'
import { shown, type CompileExtras } from '../query/fields.ts'
import type { ChildSchema, FieldSchema, ObjectSchema } from '../schema/object-schema.ts'
import type { ChildChange, FieldProblem, WriteValue, WriteValues } from './contract.ts'
import { jsonFor } from './json-value.ts'
import { fieldProblem } from './problems.ts'

/** A payload: built of checked values under names of the schema, and nothing else. */
export type Payload = Readonly<Record<string, WriteValue | readonly ChildRow[]>>

type ChildRow = Readonly<Record<string, WriteValue>>

export interface Wanted {
  readonly values: WriteValues
  readonly children?: Readonly<Record<string, readonly ChildChange[]>> | undefined
}

export interface Checks {
  readonly schema: ObjectSchema
  readonly extras: CompileExtras
  readonly isNew: boolean
  /** Before each path: `items[3].`. */
  readonly path: string
}

export interface Built {
  readonly payload: Payload
  readonly problems: readonly FieldProblem[]
  /** What to read back, in select grammar. */
  readonly properties: readonly string[]
}

/** Checks a record and the rows of its child objects against the schema. With problems, nothing of it may be sent. */
export const buildPayload = ({ values, children = {} }: Wanted, checks: Checks): Built => {
  const { schema, path } = checks
  const own = checkedValues(values, { ...checks, level: ownLevel(schema, checks.isNew) })
  const sets = Object.entries(children).map(([name, rows]) => childSet(name, rows, checks))
  const problems = [...own.problems, ...sets.flatMap((set) => set.problems)]
  if (
    Object.keys(values).length === 0 &&
    sets.every(({ rows }) => rows.length === 0) &&
    problems.length === 0
  )
    problems.push(fieldProblem('bad_request', `${path}values`, 'There is nothing to write.'))
  return {
    problems,
    payload: { ...own.json, ...Object.fromEntries(sets.map(({ name, rows }) => [name, rows])) },
    properties: [
      ...new Set([...schema.key, ...Object.keys(own.json)]),
      ...sets.flatMap(({ name, fields }) => (fields.length === 0 ? [] : [`${name}{${fields.join(',')}}`])),
    ],
  }
}

/** One level of the object: its fields, and why some cannot be written. */
interface Level {
  readonly fields: ReadonlyMap<string, FieldSchema>
  readonly label: string
  readonly children: ReadonlyMap<string, ChildSchema>
  readonly obstacle: (field: FieldSchema) => string | null
}

const ownLevel = (schema: ObjectSchema, isNew: boolean): Level => ({
  fields: schema.fields,
  label: schema.resource,
  children: schema.children,
  obstacle: (field) => {
    if (field.name === schema.uniqueId) return 'Maximo numbers it itself'
    if (schema.key.includes(field.name)) return isNew ? null : 'it is part of the key'
    return commonObstacle(field, isNew)
  },
})

const childLevel = (child: ChildSchema, fields: ReadonlyMap<string, FieldSchema>, isNew: boolean): Level => ({
  fields,
  label: child.name,
  children: NO_CHILDREN,
  obstacle: (field) => commonObstacle(field, isNew),
})

const commonObstacle = (field: FieldSchema, isNew: boolean): string | null => {
  if (field.subType === null) return 'Maximo works it out'
  if (KEPT_BY_MAXIMO.has(field.name)) return 'Maximo keeps it itself'
  if (field.name === 'status' && field.domainId !== null && !isNew) return 'a status is changed, not set'
  return null
}

interface ValueChecks extends Pick<Checks, 'extras' | 'path'> {
  readonly level: Level
}

const checkedValues = (
  values: WriteValues,
  { level, extras, path }: ValueChecks,
): { readonly json: ChildRow; readonly problems: readonly FieldProblem[] } => {
  const json: Record<string, WriteValue> = {}
  const problems: FieldProblem[] = []
  for (const [given, value] of Object.entries(values)) {
    const name = given.trim().toLowerCase()
    const at = `${path}${ATTRIBUTE.test(name) ? name : 'values'}`
    const field = level.fields.get(name)
    const obstacle = field === undefined ? null : level.obstacle(field)
    if (field === undefined) problems.push(unknownField(name, at, level))
    else if (obstacle !== null)
      problems.push(fieldProblem('read_only', at, `${name} cannot be written: ${obstacle}.`))
    else if (name in json) problems.push(fieldProblem('bad_request', at, `${name} is given twice.`))
    else {
      const checked = jsonFor(value, field, {
        domain: domainOf(field, extras),
        writeInstant: extras.writeInstant,
      })
      if (checked.ok) json[name] = checked.value
      else problems.push({ ...checked.error, path: at, code: null })
    }
  }
  return { json, problems }
}

const domainOf = ({ domainId }: FieldSchema, { domain }: CompileExtras): readonly DomainValue[] | null =>
  domainId === null ? null : (domain?.(domainId) ?? null)

const unknownField = (name: string, path: string, level: Level): FieldProblem =>
  level.children.has(name)
    ? fieldProblem('unknown_field', path, `${name} is a child object: give its rows under children.`)
    : fieldProblem(
        'unknown_field',
        path,
        `${level.label} has no field ${shown(name)}.`,
        suggest(name, level.fields.keys()),
      )

interface ChildSet {
  readonly name: string
  readonly rows: readonly ChildRow[]
  readonly problems: readonly FieldProblem[]
  /** Written in some row. */
  readonly fields: readonly string[]
}

const childSet = (given: string, changes: readonly ChildChange[], checks: Checks): ChildSet => {
  const name = given.trim().toLowerCase()
  const { schema, path } = checks
  const child = schema.children.get(name)
  if (child === undefined) {
    const message = `${schema.resource} has no child object ${shown(name)}.`
    const unknown = fieldProblem(
      'unknown_child',
      `${path}children`,
      message,
      suggest(name, schema.children.keys()),
    )
    return { name, rows: [], problems: [unknown], fields: [] }
  }
  const rows = changes.map((change, index) => childRow(child, change, `${path}${name}[${index}]`, checks))
  return {
    name,
    rows: rows.map(({ json }) => json),
    problems: rows.flatMap(({ problems }) => problems),
    fields: [...new Set(rows.flatMap(({ written }) => written))],
  }
}

interface CheckedRow {
  readonly json: ChildRow
  readonly problems: readonly FieldProblem[]
  readonly written: readonly string[]
}

const childRow = (child: ChildSchema, change: ChildChange, path: string, { extras }: Checks): CheckedRow => {
  const row = change.action === 'add' ? { json: {}, problems: [] } : rowReference(change, path)
  if (change.action === 'delete')
    return { json: { ...row.json, _action: 'Delete' }, problems: row.problems, written: [] }
  if (child.fields === null) {
    const message = `Maximo does not say which fields ${child.name} has.`
    return { json: {}, problems: [fieldProblem('unknown_child', path, message)], written: [] }
  }
  const isNew = change.action === 'add'
  const level = childLevel(child, child.fields, isNew)
  const { json, problems } = checkedValues(change.values, { level, extras, path: `${path}.` })
  return {
    json: { ...json, ...row.json, _action: isNew ? 'Add' : 'Update' },
    problems: [...row.problems, ...problems],
    written: Object.keys(json),
  }
}

/** A child row is named by what it was read with (maximo-api §3.1). */
const rowReference = (
  { row, rowstamp }: Exclude<ChildChange, { readonly action: 'add' }>,
  path: string,
): { readonly json: ChildRow; readonly problems: readonly FieldProblem[] } => {
  const stamp = rowstamp === undefined ? {} : { _rowstamp: rowstamp }
  if (CHILD_KEY.test(row)) return { json: { href: row, ...stamp }, problems: [] }
  if (LOCAL_REF.test(row)) return { json: { localref: row, ...stamp }, problems: [] }
  const message = 'A child row is named by the href or localref it was read with.'
  return { json: {}, problems: [fieldProblem('bad_request', `${path}.row`, message)] }
}

const NO_CHILDREN: ReadonlyMap<string, ChildSchema> = new Map()
const KEPT_BY_MAXIMO: ReadonlySet<string> = new Set(['changeby', 'changedate', 'statusdate', 'orgid'])
const ATTRIBUTE = /^[a-z_][a-z0-9_]{0,63}$/
const CHILD_KEY = /^http:\/\/childkey#[A-Za-z0-9+/=_-]{1,600}$/
const LOCAL_REF = /^[\w:/.=-]{1,900}\/[a-z0-9_]{1,60}\/\d{1,9}-\d{1,19}$/i
