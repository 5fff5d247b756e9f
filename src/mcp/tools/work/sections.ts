import type { ObjectSchema } from '../../../maximo/schema/object-schema.ts'

export const SECTIONS = [
  'tasks',
  'labor',
  'materials',
  'costs',
  'log',
  'failure',
  'safety',
  'history',
  'related',
  'attachments',
] as const
export type Section = (typeof SECTIONS)[number]

interface SectionParts {
  /** Child objects of MXAPIWODETAIL that hold it; Maximo installations differ, so those that exist are used. */
  readonly children: readonly string[]
  /** Fields of the work order itself. */
  readonly fields: readonly string[]
}

const PARTS: Record<Section, SectionParts> = {
  tasks: { children: ['woactivity'], fields: ['haschildren'] },
  labor: { children: ['wplabor', 'labtrans', 'assignment'], fields: ['estlabhrs', 'actlabhrs'] },
  materials: { children: ['wpmaterial', 'matusetrans', 'wptool', 'tooltrans', 'wpservice'], fields: [] },
  costs: {
    children: ['wototal'],
    fields: [
      'estlabcost',
      'estmatcost',
      'esttoolcost',
      'estservcost',
      'actlabcost',
      'actmatcost',
      'acttoolcost',
      'actservcost',
      'outlabcost',
      'outmatcost',
    ],
  },
  log: { children: ['worklog', 'woworklog'], fields: [] },
  failure: {
    children: ['failurereport', 'moddowntimehist'],
    fields: ['failurecode', 'problemcode', 'faildate', 'remarkdesc'],
  },
  safety: {
    children: ['wosafetylink', 'wosafetyplan', 'wohazard', 'woprecaution', 'wolockout'],
    fields: ['safetyplanid'],
  },
  history: {
    children: ['wostatus', 'wostatushist'],
    fields: ['statusdate', 'changeby', 'changedate', 'historyflag'],
  },
  related: {
    children: ['relatedrecord', 'multiassetlocci'],
    fields: ['parent', 'origrecordid', 'origrecordclass'],
  },
  attachments: { children: ['doclinks'], fields: [] },
}

export interface ChosenSections {
  readonly fields: readonly string[]
  readonly children: readonly string[]
  /** One note per section that this Maximo does not offer. */
  readonly notes: readonly string[]
}

/** What to ask for, by what this Maximo's work-order object has. */
export function chooseSections(sections: readonly Section[], schema: ObjectSchema): ChosenSections {
  const chosen = sections.map((section) => ({ section, ...existing(PARTS[section], schema) }))
  const missing = chosen.filter(({ fields, children }) => fields.length + children.length === 0)
  return {
    fields: chosen.flatMap(({ fields }) => fields),
    children: chosen.flatMap(({ children }) => children),
    notes: missing.map(
      ({ section }) => `The work-order object of this Maximo does not offer the section "${section}".`,
    ),
  }
}

const existing = ({ fields, children }: SectionParts, schema: ObjectSchema): SectionParts => ({
  fields: fields.filter((name) => schema.fields.has(name)),
  children: children.filter((name) => schema.children.has(name)),
})
