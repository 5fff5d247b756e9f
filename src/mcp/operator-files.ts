import { readFileSync } from 'node:fs'
import type { z } from 'zod'
import { ConfigError, schemaProblems } from '../kernel/env.ts'
import { limitsFile, mergeLimits, type LimitPolicy } from './admission/limits.ts'
import { presetsFile, readPresets, type Presets } from './admission/presets.ts'
import { plansFile, readPlans, type Plans } from './admission/plans.ts'
import type { McpConfig } from './config.ts'
import { fieldPolicyFile, readFieldPolicy, type FieldPolicy } from './tools/fields/field-policy.ts'

/** @param text null: it cannot be read. @throws ConfigError */
export function parsePlans(text: string | null): Plans {
  const content = parseFile('PLANS_FILE', text, plansFile)
  try {
    return readPlans(content)
  } catch (error) {
    throw new ConfigError([`PLANS_FILE: ${error instanceof Error ? error.message : 'cannot be used'}`])
  }
}

/** @param text null: it cannot be read. @throws ConfigError */
export const parseLimits = (text: string | null): LimitPolicy =>
  mergeLimits(parseFile('LIMITS_FILE', text, limitsFile))

/** @throws ConfigError */
export function loadPresets({ presetsFile: path }: Pick<McpConfig, 'presetsFile'>): Presets {
  const content = path === undefined ? {} : readFile('PRESETS_FILE', path, presetsFile)
  try {
    return readPresets(content)
  } catch (error) {
    throw new ConfigError([`PRESETS_FILE: ${error instanceof Error ? error.message : 'cannot be used'}`])
  }
}

/** Undefined: there is no such file, and everybody sees everything. @throws ConfigError */
export const loadFieldPolicy = ({
  fieldPolicyFile: path,
}: Pick<McpConfig, 'fieldPolicyFile'>): FieldPolicy | undefined =>
  path === undefined ? undefined : readFieldPolicy(readFile('FIELD_POLICY_FILE', path, fieldPolicyFile))

const readFile = <Schema extends z.ZodType>(name: string, path: string, schema: Schema): z.output<Schema> =>
  parseFile(name, textOf(path), schema)

function parseFile<Schema extends z.ZodType>(
  name: string,
  text: string | null,
  schema: Schema,
): z.output<Schema> {
  const read = schema.safeParse(parseJson(name, text))
  if (read.success) return read.data
  throw new ConfigError(schemaProblems(read.error, name))
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

function parseJson(name: string, text: string | null): unknown {
  try {
    if (text !== null) return JSON.parse(text) as unknown
  } catch {
    // As one that cannot be read.
  }
  throw new ConfigError([`${name}: the file cannot be read, or is not JSON`])
}
