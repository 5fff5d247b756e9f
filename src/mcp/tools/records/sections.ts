import type { Condition, OrderTerm } from '../../../maximo/query/query.ts'
import type { MaximoRecord } from '../../../maximo/contract.ts'
import type { ObjectSchema } from '../../../maximo/schema/object-schema.ts'
import type { FixedState } from '../lists/states.ts'

/** What one section of a record adds to it. */
export interface SectionParts {
  /**
   * Child objects that hold it, with what is worth reading of each. Installations differ, so those that exist are used;
   * `*` where the fields are not known beforehand.
   */
  readonly children?: Readonly<Record<string, string>>
  /** Fields of the record itself, blank separated. */
  readonly fields?: string
  /** Records of another object that belong to it. */
  readonly related?: Readonly<Record<string, Related>>
}

export interface Related {
  readonly objectStructure: string
  /** Null: this record has none. */
  readonly of: (record: MaximoRecord) => readonly Condition[] | null
  /** Only those in a state, by the status list of this environment. */
  readonly in?: FixedState
  /** Blank separated. */
  readonly columns: string
  readonly order: readonly OrderTerm[]
}

export type Sections = Readonly<Record<string, SectionParts>>

export interface ChosenSections {
  readonly fields: readonly string[]
  /** Fields per child, as a select takes them. */
  readonly children: Readonly<Record<string, readonly string[]>>
  readonly related: Readonly<Record<string, Related>>
  /** One note per section that this Maximo does not offer. */
  readonly notes: readonly string[]
}

/** What to ask for, by what this Maximo's object has. */
export function chooseSections(
  names: readonly string[],
  sections: Sections,
  schema: ObjectSchema,
): ChosenSections {
  const chosen = names.map((section) => {
    const { fields = '', children = {}, related = {} } = sections[section] ?? {}
    return {
      section,
      fields: words(fields).filter((name) => schema.fields.has(name)),
      children: existing(children, schema),
      related: Object.entries(related),
    }
  })
  const missing = chosen.filter(
    ({ fields, children, related }) => fields.length + children.length + related.length === 0,
  )
  return {
    fields: chosen.flatMap(({ fields }) => fields),
    children: Object.fromEntries(chosen.flatMap(({ children }) => children)),
    related: Object.fromEntries(chosen.flatMap(({ related }) => related)),
    notes: missing.map(
      ({ section }) =>
        `${schema.resource.toLowerCase()} of this Maximo does not offer the section "${section}".`,
    ),
  }
}

export const words = (text: string): readonly string[] => text.split(/\s+/).filter((word) => word !== '')

function existing(
  children: Readonly<Record<string, string>>,
  schema: ObjectSchema,
): [string, readonly string[]][] {
  return Object.entries(children).flatMap(([name, wanted]) => {
    const child = schema.children.get(name)
    if (child === undefined) return []
    const { fields } = child
    const known = fields === null ? [] : words(wanted).filter((field) => fields.has(field))
    return [[name, known.length === 0 ? ['*'] : known]]
  })
}
