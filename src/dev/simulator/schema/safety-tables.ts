import { mbo } from './mbo.ts'

/** What a work order is told about safety: copies of its own, whatever becomes of the library of hazards. */
export const wosafetylink = mbo(
  'WOSAFETYLINK',
  { title: 'Hazards of Work Orders', id: 'wosafetylinkid', key: 'siteid wosafetylinkid' },
  `
  wosafetylinkid BIGINT! Work Link ID
  wonum UPPER(25)! Work Order
  siteid UPPER(8)! Site
  orgid UPPER(8)! Organization
  assetnum UPPER(25)* Related Asset
  location UPPER(25)* Related Location
  hazardid UPPER(8)* Hazard
  hazarddescription ALN(100)~ Hazard Description
  hazardtype UPPER(12)~* Hazard Type
  tagoutid UPPER(8)* Tag Out
  applyseq INTEGER Apply Sequence
  removeseq INTEGER Remove Sequence
  wosafetydatasource UPPER(4)! Source of Safety
  `,
)

export const woprecaution = mbo(
  'WOPRECAUTION',
  {
    title: 'Precautions of Work Orders',
    id: 'woprecautionid',
    key: 'siteid wonum precautionid wosafetydatasource',
  },
  `
  woprecautionid BIGINT! Precaution Unique ID
  wonum UPPER(25)! Work Order
  siteid UPPER(8)! Site
  orgid UPPER(8)! Organization
  precautionid UPPER(8)! Precaution ID
  description ALN(100) Description
  wosafetydatasource UPPER(4)! Safety Data Source
  `,
)

export const wotagout = mbo(
  'WOTAGOUT',
  { title: 'Tag-Outs of Work Orders', id: 'wotagoutid', key: 'siteid wonum tagoutid wosafetydatasource' },
  `
  wotagoutid BIGINT! Tag Out Unique ID
  wonum UPPER(25)! Work Order
  siteid UPPER(8)! Site
  orgid UPPER(8)! Organization
  tagoutid UPPER(8)! TagOut ID
  description ALN(100) Description
  location UPPER(25)* Location
  assetnum UPPER(25)* Asset
  requiredstate ALN(30) Required State
  wosafetydatasource UPPER(4)! Safety Data Source
  `,
)

export const wolockout = mbo(
  'WOLOCKOUT',
  { title: 'Lock-Outs of Work Orders', id: 'wolockoutid', key: 'wolockoutid' },
  `
  wolockoutid BIGINT! Lock Out Unique ID
  wonum UPPER(25)! Work Order
  siteid UPPER(8)! Site
  orgid UPPER(8)! Organization
  lockoutid UPPER(8)! LockOut ID
  description ALN(100) Description
  location UPPER(25)* Location
  assetnum UPPER(25)* Asset
  devicedescription ALN(100) Device Description
  requiredstate ALN(30) Required State
  wosafetydatasource UPPER(4)! Safety Data Source
  `,
)
