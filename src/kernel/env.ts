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
  throw new ConfigError(read.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`))
}
