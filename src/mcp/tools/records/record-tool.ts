import { z } from 'zod'
import { kindsOf, type Kinds, type OneOrKinds } from '../catalog/kinds.ts'
import { site } from '../query/inputs.ts'
import type { Result } from '../../../kernel/result.ts'
import type { MaximoRecord } from '../../../maximo/contract.ts'
import type { OrderTerm } from '../../../maximo/query/query.ts'
import { allowedStates } from '../../../maximo/records/record.ts'
import type { ChildTable } from '../result/child-table.ts'
import { recordOutput } from '../result/outputs.ts'
import { recordAnswer } from '../result/record-answer.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import { defineTool, type Tool, type ToolAnswer, type ToolContext, type ToolFacts } from '../tool.ts'
import type { ByNumber } from './find-by-number.ts'
import { findActive, findNamed, type ActiveRevision } from './find-revision.ts'
import { relatedTable } from './related-table.ts'
import { chooseSections, type Related, type Sections } from './sections.ts'

type Told = Pick<ToolFacts, 'name' | 'title' | 'description' | 'toolset' | 'isOnRequest' | 'aliases'>

/** One kind of record, whose number is one argument. */
export interface RecordSubject {
  readonly objectStructure: string
  /** In words: `work order`. */
  readonly what: string
  readonly field: string
  /** Shown always, blank separated; those that this Maximo does not have are left out. */
  readonly fields: string
  /** Child objects shown always. */
  readonly children?: Readonly<Record<string, string>>
  /** The field with the revision, whose highest is the latest one. */
  readonly revision?: string
  /** Where a later revision may be a draft: what says that one is active. */
  readonly activeRevision?: ActiveRevision
  readonly allowedStates?: true
  /** Its numbers do not repeat across sites. */
  readonly isOfNoSite?: true
}

/** A tool that shows one record with the sections that were named: all of it data. */
export interface RecordSpec extends Told {
  readonly scopes?: ToolFacts['scopes']
  readonly subject: OneOrKinds<RecordSubject>
  /** The argument with the number, and the tool that looks for records. */
  readonly number: string
  readonly searchTool: string
  readonly sections?: Sections
}

interface Asked {
  readonly kind?: string
  readonly site?: string
  readonly revision?: number
  readonly sections?: readonly string[]
}

export function recordTool(spec: RecordSpec): Tool {
  const { subject, number, searchTool, sections, scopes = ['maximo:read'], ...told } = spec
  const kinds = kindsOf(subject)
  return defineTool({
    ...told,
    ...kinds.facts,
    scopes,
    effect: 'read',
    risk: 'none',
    costUnits: 1,
    reachesOutside: true,
    input: inputOf(spec, kinds),
    output: recordOutput,
    run: (parsed, context) => {
      const asked = parsed as Asked & Readonly<Record<string, unknown>>
      const shown = { of: kinds.of(asked.kind), number: String(asked[number]), asked }
      return showRecord({ ...shown, searchTool, sections: sections ?? {} }, context)
    },
  })
}

function inputOf(
  { number, sections = {} }: RecordSpec,
  { names: kinds, subjects }: Kinds<RecordSubject>,
): z.ZodObject {
  const names = Object.keys(sections)
  return z.strictObject({
    ...(kinds.length > 0 && { kind: z.enum(kinds) }),
    [number]: z.string().min(1).max(30),
    ...(subjects.some(({ revision }) => revision !== undefined) && {
      revision: z
        .int()
        .min(0)
        .max(10_000)
        .optional()
        .describe(
          subjects.some(({ activeRevision }) => activeRevision !== undefined)
            ? 'default: the active one'
            : 'default: the latest',
        ),
    }),
    ...(subjects.some(({ isOfNoSite }) => isOfNoSite !== true) && { site }),
    ...(names.length > 0 && { sections: z.array(z.enum(names)).max(names.length).default([]) }),
  })
}

interface Shown {
  readonly of: RecordSubject
  readonly number: string
  readonly searchTool: string
  readonly sections: Sections
  readonly asked: Asked
}

async function showRecord(
  { of, number, searchTool, sections, asked }: Shown,
  context: ToolContext,
): Promise<Result<ToolAnswer, ToolProblem>> {
  const schema = await context.maximo.schema(of.objectStructure, context.call)
  const chosen = chooseSections([...new Set(asked.sections ?? [])], sections, schema)
  const always = chooseSections(['always'], { always: of }, schema)
  const fields = [...new Set([...always.fields, ...chosen.fields])]
  const children = { ...always.children, ...chosen.children }
  const byNumber: ByNumber = {
    ...{ schema, what: of.what, searchTool, field: of.field, number, site: asked.site },
    ...revisionOf(of, asked.revision),
    select: { fields, children, ...(of.allowedStates === true && { allowedStates: true }) },
  }
  const { activeRevision: active } = of
  const found =
    active === undefined || asked.revision !== undefined
      ? await findNamed(byNumber, context)
      : await findActive(byNumber, active, context)
  if (!found.ok) return found
  const { record } = found.value
  const related = await relatedOf(chosen.related, record, context)
  const notes = [...found.value.notes, ...chosen.notes, ...related.notes]
  const { tables } = related
  const extra = statesOf(of, record)
  const names = Object.keys(children)
  return recordAnswer(
    { record, schema, fields, children: names, format: 'compact', tables, notes, extra },
    context,
  )
}

function revisionOf({ revision: field }: RecordSubject, asked: number | undefined): Partial<ByNumber> {
  if (field === undefined) return {}
  const order: readonly OrderTerm[] = [{ field, direction: 'desc' }]
  return { order, ...(asked !== undefined && { besides: [{ field, op: 'eq', value: asked }] }) }
}

const statesOf = (
  { allowedStates: isAsked }: RecordSubject,
  record: MaximoRecord,
): Record<string, unknown> =>
  isAsked === true ? { allowed_statuses: allowedStates(record).map(({ value }) => value) } : {}

interface RelatedRecords {
  readonly tables: readonly ChildTable[]
  readonly notes: readonly string[]
}

async function relatedOf(
  wanted: Readonly<Record<string, Related>>,
  record: MaximoRecord,
  context: ToolContext,
): Promise<RelatedRecords> {
  const found = await Promise.all(
    Object.entries(wanted).map(([name, related]) => relatedTable(name, related, record, context)),
  )
  return {
    tables: found.filter((one) => typeof one !== 'string'),
    notes: found.filter((one) => typeof one === 'string'),
  }
}
