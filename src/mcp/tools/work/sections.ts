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
  /**
   * Child objects of MXAPIWODETAIL that hold it, with what is worth reading of each. Installations differ, so those
   * that exist are used; `*` where the fields are not known beforehand.
   */
  readonly children: Readonly<Record<string, string>>
  /** Fields of the work order itself. */
  readonly fields: string
}

const PARTS: Record<Section, SectionParts> = {
  tasks: {
    children: {
      woactivity:
        'taskid wosequence wonum description status assetnum location lead estdur actstart actfinish',
    },
    fields: 'haschildren',
  },
  labor: {
    children: {
      wplabor: 'laborcode craft skilllevel quantity laborhrs linecost',
      labtrans: 'laborcode craft startdate regularhrs transtype linecost',
      assignment: 'laborcode craft laborhrs scheduledate status',
    },
    fields: 'estlabhrs actlabhrs',
  },
  materials: {
    children: {
      wpmaterial: 'itemnum description itemqty storeloc linetype unitcost linecost',
      matusetrans: 'itemnum description quantity storeloc issuetype linecost transdate',
      wptool: 'itemnum description itemqty hours linecost',
      tooltrans: '*',
      wpservice: '*',
    },
    fields: '',
  },
  costs: {
    children: { wototal: '*' },
    fields:
      'estlabcost estmatcost esttoolcost estservcost actlabcost actmatcost acttoolcost actservcost outlabcost outmatcost',
  },
  log: {
    children: {
      worklog: 'logtype description description_longdescription createby createdate',
      woworklog: 'logtype description description_longdescription createby createdate',
    },
    fields: '',
  },
  failure: {
    children: { failurereport: 'type linenum failurecode', moddowntimehist: '*' },
    fields: 'failurecode problemcode faildate remarkdesc',
  },
  safety: {
    children: { wosafetylink: '*', wosafetyplan: '*', wohazard: '*', woprecaution: '*', wolockout: '*' },
    fields: 'safetyplanid',
  },
  history: {
    children: { wostatus: 'status changedate changeby memo', wostatushist: '*' },
    fields: 'statusdate changeby changedate historyflag',
  },
  related: {
    children: {
      relatedrecord: 'relatedreckey relatedrecclass relatedrecsiteid relatetype',
      multiassetlocci: '*',
    },
    fields: 'parent origrecordid origrecordclass',
  },
  attachments: { children: { doclinks: '*' }, fields: '' },
}

export interface ChosenSections {
  readonly fields: readonly string[]
  /** Fields per child, as a select takes them. */
  readonly children: Readonly<Record<string, readonly string[]>>
  /** One note per section that this Maximo does not offer. */
  readonly notes: readonly string[]
}

/** What to ask for, by what this Maximo's work-order object has. */
export function chooseSections(sections: readonly Section[], schema: ObjectSchema): ChosenSections {
  const chosen = sections.map((section) => {
    const { fields, children } = PARTS[section]
    return {
      section,
      fields: words(fields).filter((name) => schema.fields.has(name)),
      children: existing(children, schema),
    }
  })
  const missing = chosen.filter(({ fields, children }) => fields.length + children.length === 0)
  return {
    fields: chosen.flatMap(({ fields }) => fields),
    children: Object.fromEntries(chosen.flatMap(({ children }) => children)),
    notes: missing.map(
      ({ section }) => `The work-order object of this Maximo does not offer the section "${section}".`,
    ),
  }
}

const words = (text: string): readonly string[] => text.split(' ').filter((word) => word !== '')

function existing(children: SectionParts['children'], schema: ObjectSchema): [string, readonly string[]][] {
  return Object.entries(children).flatMap(([name, wanted]) => {
    const child = schema.children.get(name)
    if (child === undefined) return []
    const { fields } = child
    const known = fields === null ? [] : words(wanted).filter((field) => fields.has(field))
    return [[name, known.length === 0 ? ['*'] : known]]
  })
}
