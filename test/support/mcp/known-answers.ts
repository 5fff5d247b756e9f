import { z } from 'zod'

/** What a tool answers, as clients, prompts and scripts read it. */
export interface KnownAnswer {
  readonly name: string
  readonly aliases?: readonly string[]
  /** JSON types by path (`kpis[].value`: `null or number`), with `?` where it may be missing. */
  readonly fields: Readonly<Record<string, string>>
  readonly columns?: readonly string[]
}

/** What readers of answers do not find, or not as before, any more. An answer may say more, and be held to more. */
export function lostAnswers(before: readonly KnownAnswer[], now: readonly KnownAnswer[]): readonly string[] {
  return before.flatMap((old) => {
    const tool = now.find(({ name, aliases = [] }) => name === old.name || aliases.includes(old.name))
    if (tool === undefined) return [`${old.name} is gone, and no alias takes its calls`]
    return [
      ...Object.entries(old.fields).flatMap(([path, type]) =>
        fieldChange(`${old.name}: ${path}`, type, tool.fields[path]),
      ),
      ...(old.columns ?? [])
        .filter((column) => tool.columns?.includes(column) !== true)
        .map((column) => `${old.name} has no column "${column}" any more`),
    ]
  })
}

function fieldChange(path: string, old: string, now: string | undefined): readonly string[] {
  if (now === undefined) return [`${path} is not answered any more`]
  const [had, has] = [typesIn(old), typesIn(now)]
  const isFit = has.every((type) => had.includes(type) || (type === 'integer' && had.includes('number')))
  const stays = old.endsWith('?') || !now.endsWith('?')
  return (isFit || had.includes(ANYTHING)) && stays ? [] : [`${path} was ${old} and is ${now}`]
}

const ANYTHING = 'anything'
const typesIn = (text: string): readonly string[] => text.replace(/\?$/, '').split(' or ')

interface Schema {
  readonly type?: string | readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
}

/** The fields that the output of a tool promises. */
export function promisedFields(output: z.ZodType): Readonly<Record<string, string>> {
  const found: Record<string, string> = {}
  const note = (schema: Schema, path: string): void => {
    const forms = (schema.anyOf ?? [schema]).filter(({ properties }) => properties !== undefined)
    for (const { properties = {} } of forms)
      for (const [name, field] of Object.entries(properties)) {
        const key = below(path, name)
        const isSure = forms.every(({ required }) => required?.includes(name) === true)
        found[key] ??= `${typeOf(field)}${isSure ? '' : '?'}`
        note(field, key)
      }
    if (schema.items !== undefined) note(schema.items, `${path}[]`)
  }
  note(z.toJSONSchema(output) as unknown as Schema, '')
  return found
}

const below = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`)

function typeOf({ type, anyOf = [] }: Schema): string {
  const types = type === undefined ? anyOf.map(typeOf) : [type].flat()
  return types.length === 0 ? ANYTHING : [...new Set(types)].sort().join(' or ')
}

/** What holds data under names that are none of ours: those of Maximo, of tools, of a query. */
const DATA: ReadonlySet<string> = new Set([
  ...['record', 'rows', 'cols', 'now', 'requests', 'run', 'toolsets', 'not_available', 'inputSchema'],
])

/** The fields that an answer shows, none of which its tool need promise. */
export function shownFields(value: unknown, path = ''): Readonly<Record<string, string>> {
  const found: Record<string, string> = {}
  if (Array.isArray(value))
    for (const one of value as readonly unknown[]) Object.assign(found, shownFields(one, `${path}[]`))
  else if (typeof value === 'object' && value !== null)
    for (const [name, inner] of Object.entries(value) as [string, unknown][]) {
      const key = below(path, name)
      found[key] = `${jsonType(inner)}?`
      if (!DATA.has(name)) Object.assign(found, shownFields(inner, key))
    }
  return found
}

function jsonType(value: unknown): string {
  if (value === null) return ANYTHING
  return Array.isArray(value) ? 'array' : typeof value
}
