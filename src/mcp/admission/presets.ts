import { z } from 'zod'
import { isObjectName, PRESETS, type Preset } from '../../crypto/restrictions.ts'

/** What one version of a preset allows. `*` alone: every object structure. */
export interface PresetRules {
  readonly read: readonly string[]
  readonly write: readonly string[]
}

/** Rules by name and version. A version never changes its meaning: tokens name it for good. */
export interface Presets {
  /** Null: not known here, so it allows nothing. */
  find(preset: Preset, version: number): PresetRules | null
  /** The version that a new token gets. */
  newest(preset: Preset): number
}

type Versions = Readonly<Record<string, PresetRules>>

/** The integration accounts that a Maximo shop knows, in the object structures that IBM ships. */
const BUILT_IN: Readonly<Record<Preset, Versions>> = {
  'erp-readonly': { 1: { read: ['MXAPIPO', 'MXAPIINVOICE', 'MXAPIGLCOMP'], write: [] } },
  'erp-write': {
    1: {
      read: ['MXAPIPO', 'MXAPIRECEIPT', 'MXRECEIPT'],
      write: ['MXAPIPO', 'MXAPIRECEIPT', 'MXRECEIPT'],
    },
  },
  'iot-ingest': {
    1: {
      read: [],
      write: ['MXAPIASSETMETER', 'MXAPILOCATIONMETER', 'MXMETERDATA', 'MXAPIASSETSTATUS'],
    },
  },
  reporting: { 1: { read: ['*'], write: [] } },
  mobile: {
    1: {
      read: ['MXAPIWODETAIL', 'MXAPIWO', 'MXAPISR', 'MXAPILABOR', 'MXAPILABTRANS'],
      write: ['MXAPIWODETAIL', 'MXAPIWO', 'MXAPISR', 'MXAPILABOR', 'MXAPILABTRANS'],
    },
  },
}

const objects = z
  .array(z.string().refine((name) => name === '*' || isObjectName(name), 'is not an object structure'))
  .max(100)
const rules = z.strictObject({ read: objects.default([]), write: objects.default([]) })

/** The operator's file: further versions of the presets, for a Maximo with object structures of its own. */
export const presetsFile = z.partialRecord(
  z.enum(PRESETS),
  z.record(z.string().regex(/^[1-9][0-9]{0,2}$/, 'is not a version from 1 to 999'), rules),
)

/** @throws Error when the file would change what a built-in version means */
export function readPresets(file: z.output<typeof presetsFile>): Presets {
  const all = new Map<Preset, ReadonlyMap<number, PresetRules>>(
    PRESETS.map((preset) => [preset, versionsOf(preset, file[preset] ?? {})]),
  )
  return {
    find: (preset, version) => all.get(preset)?.get(version) ?? null,
    newest: (preset) => Math.max(...(all.get(preset)?.keys() ?? [])),
  }
}

function versionsOf(preset: Preset, added: Versions): ReadonlyMap<number, PresetRules> {
  const builtIn = BUILT_IN[preset]
  const changed = Object.keys(added).find((version) => Object.hasOwn(builtIn, version))
  if (changed !== undefined)
    throw new Error(`${preset}: version ${changed} is built in; give the next number instead`)
  return new Map(
    Object.entries({ ...builtIn, ...added }).map(([version, one]) => [Number(version), one] as const),
  )
}
