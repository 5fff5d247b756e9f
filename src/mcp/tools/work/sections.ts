import type { Sections } from '../records/sections.ts'

/** What can be read of a work order besides its own fields (maximo-api §8.1). */
export const WORK_ORDER_SECTIONS: Sections = {
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
  attachments: { children: { doclinks: '*' } },
}
