import type { Result } from '../../kernel/result.ts'
import type { Counted } from '../tools/run/run-work.ts'
import type { ToolProblem } from '../tools/problem/tool-problem.ts'
import type { ToolContext } from '../tools/tool.ts'

/** What every resource says about itself in a list. */
export interface ResourceFacts {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly mimeType: string
  /**
   * The tool that reads the same: who may not call it, or whose address leaves it out, may not read the resource; limits,
   * quota and records go by it. Null: it is there for everybody.
   */
  readonly tool: string | null
  /** Extensions' own keys, in the list and beside the content (`ui` of MCP Apps). */
  readonly meta?: Readonly<Record<string, unknown>>
}

/** A resource of one address whose content is known beforehand: nothing of Maximo is read for it. */
export interface FixedResource extends ResourceFacts {
  /** Below `maximo://<environment id>/`; with a scheme, the whole address (`ui://maximo/work-board`). */
  readonly path: string
  readonly text: string
}

/** Resources of one kind, by the variables of their address. */
export interface TemplateResource extends ResourceFacts {
  /** Below `maximo://<environment id>/`; a variable takes one whole segment: `record/{object}/{key}`. */
  readonly path: string
  readonly variables: Readonly<Record<string, Variable>>
  /** How long a client may keep what it read, milliseconds. */
  readonly ttlMs: number
  readonly read: (
    values: Values,
    context: ToolContext,
    uri: string,
  ) => Promise<Result<ResourceAnswer, ToolProblem>>
}

export interface Variable {
  /** Of the decoded segment; it matches the whole of it. */
  readonly pattern: RegExp
  readonly complete?: Complete
}

/** Variables of an address, or arguments of a prompt, by name. */
export type Values = Readonly<Record<string, string>>

/** What could stand in a place: the best first, each once. `given` are the other values so far. */
export type Complete = (typed: string, given: Values, context: ToolContext) => Promise<readonly string[]>

export interface ResourceAnswer extends Counted {
  readonly contents: readonly ResourceContent[]
}

/** A part of what is read. `blob` is base64. */
export type ResourceContent = {
  readonly uri: string
  readonly mimeType: string
  readonly _meta?: Readonly<Record<string, unknown>>
} & ({ readonly text: string } | { readonly blob: string })
