import type { SimulatorRules } from './rules.ts'

export const VERSIONS = ['7.6.1', '9.0', '9.1'] as const
export type MaximoVersion = (typeof VERSIONS)[number]

/** What `maxupg` and `systeminfo` say. */
export const BUILDS: Readonly<Record<MaximoVersion, string>> = {
  '7.6.1': 'V7613-171',
  '9.0': 'V9000-218',
  '9.1': 'V9100-339',
}

/** Longest values before the attributes were widened (maximo-api appendix B: captured schemas against 9.1). */
const NARROW = { location: 12, changeby: 30, reportedby: 62, affectedperson: 62, createby: 30 } as const

const PROFILES: Readonly<Record<MaximoVersion, Partial<SimulatorRules>>> = {
  '7.6.1': {
    errorTimestamp: false,
    maxauthTakesApiKey: false,
    oslcTakesBearer: false,
    lengths: NARROW,
    absentStructures: ['MASPERUSER'],
  },
  '9.0': { maxauthTakesApiKey: false, absentStructures: ['MASPERUSER'] },
  '9.1': {},
}

/** What distinguishes a version where the reference says so; everything else is the same in all (maximo-api). */
export const profileOf = (version: MaximoVersion): Partial<SimulatorRules> => PROFILES[version]
