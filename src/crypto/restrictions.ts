import { z } from 'zod'

/**
 * What an owner narrows an automation grant to, besides scopes: objects, risk, addresses. The forms in which it travels in
 * a receipt are short, because every character of a receipt counts 1.8 times in the token.
 */

/** The feature of a plan that automation tokens need, as Clerk signs it. */
export const AUTOMATION_FEATURE = 'automation'

/** Sets of object rules by name. What each one means stands at the MCP server, by name and version. */
export const PRESETS = ['erp-readonly', 'erp-write', 'iot-ingest', 'reporting', 'mobile'] as const
export type Preset = (typeof PRESETS)[number]

/** Read, write, or both. */
export const ACCESSES = ['r', 'w', 'rw'] as const
export type Access = (typeof ACCESSES)[number]

/** One object structure and what may be done with it. */
export interface ObjectRule {
  /** Upper case: `MXAPIPO`. */
  readonly object: string
  readonly access: Access
}

export const MAX_OWN_RULES = 8

const NAME = '[A-Z0-9_]{1,60}'
const RULE = `${NAME}:(?:rw|r|w)`
const OWN_RULES = `${RULE}(?: ${RULE}){0,${MAX_OWN_RULES - 1}}`
const FIXED_PRESET = `@(?:${PRESETS.join('|')})\\.[1-9][0-9]{0,2}`

export const isObjectName = (name: string): boolean => new RegExp(`^${NAME}$`).test(name)

/** As asked for: the name of a preset, or the owner's own rules (`MXAPIPO:r MXAPIPR:rw`). */
export const objectsAsked = z.union([z.enum(PRESETS), z.string().regex(new RegExp(`^${OWN_RULES}$`))])
export type ObjectsAsked = z.infer<typeof objectsAsked>

/** As fixed in a receipt: a preset with its version (`@erp-readonly.1`), or the owner's own rules. */
export const objectsFixed = z.string().regex(new RegExp(`^(?:${FIXED_PRESET}|${OWN_RULES})$`))

/** {@link objectsFixed}, read. */
export type ObjectsFixed =
  | { readonly kind: 'preset'; readonly preset: Preset; readonly version: number }
  | { readonly kind: 'own'; readonly rules: readonly ObjectRule[] }

/** @param code matches {@link objectsFixed} */
export function readObjects(code: string): ObjectsFixed {
  if (!code.startsWith('@')) return { kind: 'own', rules: code.split(' ').map(readRule) }
  const [name = '', version = ''] = code.slice(1).split('.')
  return { kind: 'preset', preset: z.enum(PRESETS).parse(name), version: Number(version) }
}

export const fixedPreset = (preset: Preset, version: number): string => `@${preset}.${version}`

export const writeRules = (rules: readonly ObjectRule[]): string =>
  rules.map(({ object, access }) => `${object}:${access}`).join(' ')

function readRule(text: string): ObjectRule {
  const [object = '', access] = text.split(':')
  return { object, access: z.enum(ACCESSES).parse(access) }
}

/** The highest risk of a change that nobody is asked about. */
export const RISKS = ['low', 'medium', 'high'] as const
export type Risk = (typeof RISKS)[number]
export const risk = z.enum(RISKS)

/** In a receipt; absent: low. */
export const riskCode = z.enum(['m', 'h'])
export const RISK_CODES: Readonly<Record<Risk, z.infer<typeof riskCode> | undefined>> = {
  low: undefined,
  medium: 'm',
  high: 'h',
}
export const readRisk = (code: z.infer<typeof riskCode> | undefined): Risk =>
  code === undefined ? 'low' : code === 'm' ? 'medium' : 'high'

export const MAX_RANGES = 4

/** Networks in CIDR notation, as `canonicalNetwork` of the kernel writes them, separated by blanks. */
export const addressRanges = z
  .string()
  .max(180)
  .regex(/^[0-9a-f:.]+\/[0-9]{1,3}(?: [0-9a-f:.]+\/[0-9]{1,3}){0,3}$/)

/** Rate profiles of design §6. */
export const PROFILES = ['interactive', 'sync', 'reporting', 'batch', 'webhook'] as const
export const rateProfile = z.enum(PROFILES)
export type RateProfile = z.infer<typeof rateProfile>
