import { z } from 'zod'
import { ok } from '../../../kernel/result.ts'
import type { Criterion } from '../../../maximo/query/query.ts'
import { argument, nameIn, type Argument, type Criteria, type ListQuestion } from './argument.ts'

/** Arguments that become conditions without asking Maximo first. */
const code = z.string().min(1).max(30)
const codes = z.array(code).min(1).max(20)

const described = <Schema extends z.ZodType>(schema: Schema, text: string | undefined): Schema =>
  text === undefined ? schema : schema.describe(text)

const one = (field: string, op: string, value?: unknown): Criteria =>
  ok([{ field, op, ...(value !== undefined && { value }) }])

/** The field has this value. */
export const equals = (field: string, text?: string): Argument =>
  argument(described(code, text).optional(), {
    criteria: (value, { subject }) => one(nameIn(subject, field), 'eq', value),
  })

/** The field has one of these values. */
export const oneOf = (field: string, text?: string): Argument =>
  argument(described(codes, text).optional(), {
    criteria: (value, { subject }) => one(nameIn(subject, field), 'in', value),
  })

/** Every word occurs in at least one of the fields. */
export const words = (fields: readonly string[], text?: string): Argument =>
  argument(described(z.string().min(1).max(100), text).optional(), {
    criteria: (value, { schema, subject }) => {
      const known = fields
        .map((field) => nameIn(subject, field))
        .filter((field) => field.includes('.') || schema.fields.has(field))
      return ok(wordsOf(value).map((word) => inSome(known, word)))
    },
  })

const wordsOf = (text: string): readonly string[] => text.split(/\s+/).filter((word) => word !== '')

function inSome(fields: readonly string[], word: string): Criterion {
  const any = fields.map((field) => ({ field, op: 'contains', value: word }))
  const [only] = any
  return any.length === 1 && only !== undefined ? only : { any }
}

/** The field lies before this day. */
export const before = (field: string, text?: string): Argument =>
  argument(described(z.iso.date(), text).optional(), {
    criteria: (value, { subject }) => one(nameIn(subject, field), 'lt', value),
  })

/** The field lies behind this day. */
export const after = (field: string, text?: string): Argument =>
  argument(described(z.iso.date(), text).optional(), {
    criteria: (value, { subject }) => one(nameIn(subject, field), 'gt', value),
  })

export const atMost = (field: string, text?: string): Argument =>
  argument(described(z.int().min(0).max(999), text).optional(), {
    criteria: (value, { subject }) => one(nameIn(subject, field), 'le', value),
  })

export const atLeast = (field: string, text?: string): Argument =>
  argument(described(z.number().min(0), text).optional(), {
    criteria: (value, { subject }) => one(nameIn(subject, field), 'ge', value),
  })

/** Whether the conditions shall hold; `false` says nothing, as if it was left out. */
export const flag = (criteria: (question: ListQuestion) => readonly Criterion[], text?: string): Argument =>
  argument(described(z.boolean(), text).optional(), {
    criteria: (value, question) => ok(value ? criteria(question) : []),
  })
