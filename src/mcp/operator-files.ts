import { readFileSync } from 'node:fs'
import type { z } from 'zod'
import { ConfigError } from '../kernel/env.ts'
import { DEFAULT_LIMITS, limitsFile, mergeLimits, type LimitPolicy } from './admission/limits.ts'
import { presetsFile, readPresets, type Presets } from './admission/presets.ts'
import { DEFAULT_PLANS, plansFile, readPlans, type Plans } from './admission/plans.ts'
import type { McpConfig } from './config.ts'
import { fieldPolicyFile, readFieldPolicy, type FieldPolicy } from './tools/fields/field-policy.ts'

/** @throws ConfigError */
export function loadPlans({ plansFile: path }: Pick<McpConfig, 'plansFile'>): Plans {
  const content = path === undefined ? DEFAULT_PLANS : readFile('PLANS_FILE', path, plansFile)
  try {
    return readPlans(content)
  } catch (error) {
    throw new ConfigError([`PLANS_FILE: ${error instanceof Error ? error.message : 'cannot be used'}`])
  }
}

/** @throws ConfigError */
export const loadLimits = ({ limitsFile: path }: Pick<McpConfig, 'limitsFile'>): LimitPolicy =>
  path === undefined ? DEFAULT_LIMITS : mergeLimits(readFile('LIMITS_FILE', path, limitsFile))

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

function readFile<Schema extends z.ZodType>(name: string, path: string, schema: Schema): z.output<Schema> {
  const read = schema.safeParse(parseJson(name, path))
  if (read.success) return read.data
  throw new ConfigError(
    read.error.issues.map((issue) => `${name}: ${issue.path.join('.')}: ${issue.message}`),
  )
}

function parseJson(name: string, path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as unknown
  } catch {
    throw new ConfigError([`${name}: the file cannot be read, or is not JSON`])
  }
}
