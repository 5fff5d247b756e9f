import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { ConfigError, parseEnv } from '../../../src/kernel/env.ts'

const schema = z
  .object({
    PORT: z.coerce.number().int().min(1).max(65_535).default(8080),
    MODE: z.enum(['memory', 'redis']),
    KEY: z.string().min(32).optional(),
  })
  .transform(({ PORT, MODE, KEY }) => ({ port: PORT, mode: MODE, key: KEY }))

function problemsOf(env: Record<string, string>): ConfigError {
  try {
    parseEnv(schema, env)
  } catch (error) {
    if (error instanceof ConfigError) return error
  }
  throw new Error('it was accepted')
}

describe('parseEnv', () => {
  test('reads what it knows, transforms it, and leaves the rest alone', () => {
    const env = { PORT: '9000', MODE: 'redis', PATH: '/bin' }
    expect(parseEnv(schema, env)).toEqual({ port: 9000, mode: 'redis', key: undefined })
  })

  test('an empty variable counts as absent', () => {
    expect(parseEnv(schema, { PORT: '', MODE: 'memory', KEY: '' })).toEqual({
      port: 8080,
      mode: 'memory',
      key: undefined,
    })
    expect(problemsOf({ MODE: '' }).problems).toEqual([expect.stringMatching(/^MODE: /)])
  })

  test('says every problem at once, by name, never by value, with exit code 78', () => {
    const error = problemsOf({ PORT: '70000', MODE: 'canary-mode', KEY: 'canary-key' })
    expect(error.problems.map((problem) => problem.split(':')[0])).toEqual(['PORT', 'MODE', 'KEY'])
    expect(error.exitCode).toBe(78)
    for (const problem of error.problems) expect(error.message).toContain(problem)
    expect(error.message).not.toContain('canary')
    expect(error.message).not.toContain('70000')
  })
})
