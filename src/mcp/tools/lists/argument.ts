import type { z } from 'zod'
import { ok, type Result } from '../../../kernel/result.ts'
import type { Criterion, OrderTerm } from '../../../maximo/query/query.ts'
import type { ObjectSchema } from '../../../maximo/schema/object-schema.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import type { ToolContext } from '../tool.ts'
import type { FixedState } from './states.ts'

/** One kind of record that a list tool can list. */
export interface Subject {
  readonly objectStructure: string
  /** Shown unless the caller names fields; those that this Maximo does not have are left out. */
  readonly columns: readonly string[]
  readonly order: readonly OrderTerm[]
  /** Holds for every record of the list. */
  readonly always?: readonly Criterion[]
  /** A state that every record of the list is in, by the status list of this environment. */
  readonly in?: FixedState
  /** Whose records have no site although their object has the field. */
  readonly hasNoSite?: true
  /** What a field that the arguments name is called here; fields without an entry have their own name. */
  readonly names?: Readonly<Record<string, string>>
}

/** The question that arguments are read for. */
export interface ListQuestion {
  readonly subject: Subject
  readonly schema: ObjectSchema
  readonly site: string | null
  /** Now, as the first page saw it. */
  readonly atMs: number
  readonly asked: Asked
}

/** Arguments as the tool's schema let them through. */
export type Asked = Readonly<Record<string, unknown>>
export type Criteria = Result<readonly Criterion[], ToolProblem>

/** One argument of a list tool: its schema, and what it asks of the records. */
export interface Argument {
  readonly schema: z.ZodType
  readonly criteria: (value: unknown, question: ListQuestion, context: ToolContext) => Promise<Criteria>
  /** Why nothing may have been found: a name that does not exist is better refused than answered with no rows. */
  readonly explain?: (
    value: unknown,
    question: ListQuestion,
    context: ToolContext,
  ) => Promise<ToolProblem | null>
}

interface Reading<Value> {
  readonly criteria: (
    value: Value,
    question: ListQuestion,
    context: ToolContext,
  ) => Criteria | Promise<Criteria>
  readonly explain?: (
    value: Value,
    question: ListQuestion,
    context: ToolContext,
  ) => Promise<ToolProblem | null>
}

/** An argument that says nothing when it is not given. The tool's schema has checked what `Value` promises. */
export function argument<Schema extends z.ZodType>(
  schema: Schema,
  { criteria, explain }: Reading<Exclude<z.output<Schema>, undefined>>,
): Argument {
  type Value = Exclude<z.output<Schema>, undefined>
  return {
    schema,
    criteria: async (value, question, context) =>
      value === undefined ? NOTHING : criteria(value as Value, question, context),
    ...(explain !== undefined && {
      explain: async (value: unknown, question: ListQuestion, context: ToolContext) =>
        value === undefined ? null : explain(value as Value, question, context),
    }),
  }
}

const NOTHING: Criteria = ok([])

/** The name of a field here. */
export const nameIn = ({ names = {} }: Pick<Subject, 'names'>, field: string): string => names[field] ?? field
