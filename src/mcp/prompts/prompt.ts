import type { Complete } from '../resources/resource.ts'

/** One argument of a prompt: a word or a sentence that goes into its text, quoted. */
export interface PromptArgument {
  readonly description: string
  readonly isOptional?: true
  /** Of the trimmed value; it matches the whole of it. */
  readonly pattern: RegExp
  /** What the pattern asks for, in words: `a month such as 2026-10`. */
  readonly form: string
  readonly complete?: Complete
}

/** A way to go about a task, as a person picks it in a client: words for the model, nothing that is done by itself. */
export interface Prompt {
  readonly name: string
  readonly title: string
  readonly description: string
  /** It is there for whoever may use all of these. */
  readonly tools: readonly string[]
  readonly arguments: Readonly<Record<string, PromptArgument>>
  /** One step each. */
  readonly steps: (asked: Told) => readonly (string | null)[]
}

/** What a prompt's text is made of. */
export interface Told {
  /** The value as a quoted text; `fallback` where it was not given. */
  readonly value: (name: string, fallback?: string) => string
  readonly isGiven: (name: string) => boolean
  /** Whether a tool that a step may use is there for this caller. */
  readonly has: (tool: string) => boolean
}
