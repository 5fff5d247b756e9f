/** Classes of what can go wrong in a tool. A client may branch on them, so a name never changes its meaning. */
export type ProblemKind =
  /** The arguments do not fit the tool's schema. */
  | 'invalid_input'
  | 'unknown_object'
  | 'invalid_field'
  | 'invalid_query'
  | 'invalid_value'
  | 'cursor_invalid'
  | 'not_found'
  | 'ambiguous'
  /** The Maximo user behind the connection lacks a right in Maximo. */
  | 'not_permitted'
  | 'credentials_rejected'
  /** The record changed since it was read, or the change is there already. */
  | 'conflict'
  /** A rule of Maximo refuses the change. */
  | 'refused'
  | 'rate_limited'
  | 'upstream_down'
  | 'upstream_slow'
  /** What answered is not Maximo's API: HTML, cut or malformed JSON. */
  | 'bad_upstream'
  | 'maintenance'
  | 'too_large'
  | 'environment_refused'
  /** The token lacks a scope; the connection has to be made anew with it. */
  | 'needs_scope'
  /** A person has to agree first, and how is said. */
  | 'needs_approval'
  /** A write was sent and its answer lost: it will be settled by looking, never by sending it again. */
  | 'unknown_outcome'
  /** Of several records some were written and some not. */
  | 'partly_written'
  | 'internal'

/**
 * An error as the caller of a tool reads it: what happened, why, what to do. All three are sentences of ours; nothing
 * that came from Maximo is quoted in them but names and values that the caller sent. Text of records stands apart.
 */
export interface ToolProblem {
  readonly kind: ProblemKind
  readonly what: string
  readonly why: string | null
  readonly next: string
  /** What records in Maximo hold, made visible: anybody may have typed it. */
  readonly untrusted?: string
}

const MAX_TEXT = 1_200

/** The text of an `isError` result. The error id is the correlation id that log and audit carry. */
export function problemText(problem: ToolProblem, errorId: string): string {
  const lines = [`${problem.kind}: ${problem.what}`]
  if (problem.why !== null) lines.push(`Why: ${problem.why}`)
  lines.push(`What to do: ${problem.next}`)
  if (problem.untrusted !== undefined) lines.push(`Untrusted text from Maximo: ${problem.untrusted}`)
  return `${lines.join('\n').slice(0, MAX_TEXT)}\nError id: ${errorId}`
}
