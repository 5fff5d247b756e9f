import { z } from 'zod'
import type { Clock } from '../../kernel/clock.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import type { MaximoCall, MaximoClient } from '../../maximo/contract.ts'
import type { Admitted } from '../admission/admitted.ts'
import type { Touch } from '../admission/object-rights.ts'
import type { Scope } from '../admission/scopes.ts'
import type { AppName } from '../apps/app.ts'
import type { ToolAccess } from './access/tool-access.ts'
import type { Changes } from '../changes/changes.ts'
import type { Exports } from '../exports/exports.ts'
import type { Asking, Elicitation } from './run/asking.ts'
import type { OwnRecords } from './own/own-records.ts'
import type { Cursors } from './run/cursors.ts'
import type { Progress } from './run/progress.ts'
import { inputProblem } from './problem/input-problem.ts'
import type { ToolProblem } from './problem/tool-problem.ts'
import type { Toolset } from './catalog/toolsets.ts'

/** `stage` writes only to our own store; `change` changes something outside. */
export type Effect = 'read' | 'stage' | 'change'
/** What guards, lists and limits know about a tool. */
export interface ToolFacts {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly toolset: Toolset
  /** Listed only where an address asks for it; `find_tools` finds it, and `calls` tools call it. */
  readonly isOnRequest?: boolean
  /** Names it had before. They are called, not listed. */
  readonly aliases?: readonly string[]
  /** It calls other tools of this effect, by its arguments `tool` and `arguments`. */
  readonly calls?: 'read' | 'stage'
  /** All are needed. */
  readonly scopes: readonly Scope[]
  /** A plan's feature, where the tool needs one: what the operator's plans say when it is asked. */
  readonly feature?: string | undefined
  readonly effect: Effect
  readonly risk: 'none' | 'low' | 'medium' | 'high'
  /** Units of the quotas. */
  readonly costUnits: number
  /** Whether it reaches Maximo, whose content nobody here controls. */
  readonly reachesOutside: boolean
  /** The one object structure it reads; absent where the caller names it. */
  readonly objectStructure?: string
  /** The object structures it chooses from by its argument `kind`; one that may be used is enough to list it. */
  readonly objects?: Readonly<Record<string, string>>
  /** Its caller names the object. */
  readonly namesObject?: true
  /** What clients with MCP Apps show beside its answer. */
  readonly picture?: AppName
  /** It ends what somebody was allowed: nothing else goes before it when there is too much to do. */
  readonly endsAccess?: true
  /** What it does with that object, where its effect does not say it. */
  readonly access?: Touch['access']
}

/** What nearly every reading tool is: it asks Maximo for what `maximo:read` allows. */
export const READS_MAXIMO = {
  scopes: ['maximo:read'],
  effect: 'read',
  risk: 'none',
  costUnits: 1,
  reachesOutside: true,
} as const satisfies Partial<ToolFacts>

export interface ToolSpec<Input extends z.ZodObject> extends ToolFacts {
  readonly input: Input
  /** What the head of a successful answer holds (its first line is JSON); tests hold every answer to it. */
  readonly output: z.ZodType
  readonly run: (input: z.output<Input>, context: ToolContext) => Promise<Result<ToolAnswer, ToolProblem>>
}

/** What a running tool may use. There is nothing else: no global, no credential. */
export interface ToolContext {
  readonly admitted: Admitted
  readonly environment: { readonly id: string; readonly host: string }
  readonly maximo: MaximoClient
  readonly call: MaximoCall
  readonly cursors: Cursors
  readonly clock: Clock
  /** The caller's own connections, spending and calls. */
  readonly own: OwnRecords
  /** The tools of this caller at this address. */
  readonly access: ToolAccess
  /** The one way by which Maximo is changed. */
  readonly changes: Changes
  readonly exports: Exports
  readonly asking: Asking
  readonly progress: Progress
}

export interface ToolAnswer {
  readonly text: string
  /** Resources that go with it. Their addresses stand in the text, too, since not every client reads links. */
  readonly links?: readonly ResourceLink[]
  /** Records in the answer, for the audit log. */
  readonly recordCount: number
  /** A question instead of the answer. */
  readonly ask?: Elicitation
}

/** A resource as an answer points to it. */
export interface ResourceLink {
  readonly uri: string
  readonly name: string
  readonly title: string
  readonly mimeType: string
}

export type JsonObject = Readonly<Record<string, unknown>>

/** The hints of MCP's `ToolAnnotations`, all four said. */
export interface Hints {
  readonly readOnlyHint: boolean
  readonly destructiveHint: boolean
  readonly idempotentHint: boolean
  readonly openWorldHint: boolean
}

/** A tool as the catalog holds it: its input type is closed over, its JSON Schema is made once. */
export interface Tool extends ToolFacts {
  readonly hints: Hints
  readonly input: z.ZodObject
  readonly output: z.ZodType
  readonly inputSchema: JsonObject
  /** Checks the arguments; the function it returns does the work. */
  readonly prepare: (args: unknown) => Result<ToolRun, ToolProblem>
}

export type ToolRun = (context: ToolContext) => Promise<Result<ToolAnswer, ToolProblem>>

export function defineTool<Input extends z.ZodObject>(spec: ToolSpec<Input>): Tool {
  const { input, output, run, ...said } = spec
  const facts = Object.hasOwn(input.shape, 'object') ? { ...said, namesObject: true as const } : said
  const known = Object.keys(input.shape)
  return {
    ...facts,
    hints: hintsOf(facts),
    input,
    output,
    inputSchema: jsonSchemaOf(input),
    prepare(args) {
      const parsed = input.safeParse(args ?? {})
      if (!parsed.success) return err(inputProblem(facts.name, parsed.error, known))
      return ok((context) => run(parsed.data, context))
    },
  }
}

/** The same call again changes nothing more, whatever its effect: a plan has one id, and is committed once. */
const hintsOf = (facts: ToolFacts): Hints => ({
  readOnlyHint: facts.effect === 'read',
  destructiveHint: facts.effect === 'change',
  idempotentHint: true,
  openWorldHint: facts.reachesOutside,
})

/**
 * JSON Schema 2020-12 of what a client may send. What a model does not need in order to call is left out, since every
 * conversation pays for it: `$schema` (2020-12 is MCP's default dialect), lengths, the bounds of safe integers, and the
 * pattern behind a named format. All of it is checked all the same.
 */
function jsonSchemaOf(input: z.ZodObject): JsonObject {
  const schema: Record<string, unknown> = z.toJSONSchema(input, {
    target: 'draft-2020-12',
    io: 'input',
    override({ jsonSchema }) {
      for (const name of LENGTHS) Reflect.deleteProperty(jsonSchema, name)
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
      if (jsonSchema.format !== undefined) delete jsonSchema.pattern
    },
  })
  delete schema['$schema']
  return schema
}

const LENGTHS = ['minLength', 'maxLength', 'minItems', 'maxItems'] as const
