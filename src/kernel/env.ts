import type { z } from 'zod'

/** The process was configured wrongly. Says every problem at once, by variable name, never by value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  /** `EX_CONFIG` of sysexits.h. */
  readonly exitCode = 78
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(['The configuration has problems:', ...problems.map((problem) => `  ${problem}`)].join('\n'))
    this.problems = problems
  }
}

/**
 * Reads variables through a schema. An empty variable counts as absent (compose files pass `NAME=` for "not set").
 *
 * @throws ConfigError
 */
export function parseEnv<Schema extends z.ZodType>(
  schema: Schema,
  env: Readonly<Record<string, string | undefined>>,
): z.output<Schema> {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const read = schema.safeParse(present)
  if (read.success) return read.data
  throw new ConfigError(schemaProblems(read.error))
}

/**
 * What a schema found wrong, by place and never by value.
 *
 * @param file the variable that names the file
 */
export const schemaProblems = ({ issues }: z.ZodError, file?: string): readonly string[] =>
  issues.map((issue) =>
    [...(file === undefined ? [] : [file]), issue.path.join('.'), messageOf(issue)].join(': '),
  )

/** Of a key of a record Zod says only that it is none; why stands within. */
const messageOf = (issue: z.core.$ZodIssue): string =>
  issue.code === 'invalid_key' ? issue.issues.map(({ message }) => message).join(', ') : issue.message
