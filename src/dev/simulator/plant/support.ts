import { ITEM_SET, ORG, type PlantBuilder } from './builder.ts'
import type { Row } from './plant.ts'

const UNITS = ['EACH', 'FOOT', 'TUBE', 'GALLON', 'KIT', 'PACK', 'HOURS', 'DEG F', 'PSI', 'MILES', 'KW']

/** `id|classification|parent` */
const CLASSES = `1200|PUMP|
1201|CENTRIFUGAL|1200
1202|ROTARY|1200
1300|SECURITY|
1301|BADGE|1300`

/** `value|segment|text` */
const GL = `6210|0|Maintenance, Bedford
6220|0|Maintenance, Nashua
300|1|Repair
310|1|Projects
200|2|Own labor`

/** What stands beside work: units, classes, accounts, addresses, templates, tools, meters of places. */
export function addSupport(plant: PlantBuilder): void {
  for (const unit of UNITS)
    plant.add('MEASUREUNIT', { measureunitid: unit, abbreviation: unit.slice(0, 8), description: unit })
  for (const line of CLASSES.split('\n')) addClass(plant, line)
  for (const line of GL.split('\n')) {
    const [compvalue, glorder, comptext] = line.split('|')
    plant.add('GLCOMPONENTS', { compvalue, glorder: Number(glorder), comptext, orgid: ORG, active: true })
  }
  addGroups(plant)
  addSettings(plant)
  addTemplates(plant)
  addLocationMeters(plant)
  addTools(plant)
  addSpecs(plant)
}

function addClass(plant: PlantBuilder, line: string): void {
  const [classstructureid = '', classificationid = '', parent = ''] = line.split('|')
  plant.add('CLASSSTRUCTURE', {
    classstructureid,
    classificationid,
    description: classificationid.toLowerCase(),
    parent: parent === '' ? undefined : parent,
    haschildren: parent === '',
    show: true,
    orgid: ORG,
  })
}

function addSettings(plant: PlantBuilder): void {
  plant.add('MAXTABLEDOMAIN', {
    domainid: 'ASSETLIST',
    objectname: 'ASSET',
    listwhereclause: 'siteid = :siteid',
  })
  plant.add('MAXTABLEDOMAIN', {
    domainid: 'PERSONLIST',
    objectname: 'PERSON',
    listwhereclause: "status = 'ACTIVE'",
  })
  plant.add('MAXDOMAIN', {
    domainid: 'ASSETLIST',
    domaintype: 'TABLE',
    maxtype: 'UPPER',
    description: 'Assets',
  })
  plant.add('MAXDOMAIN', {
    domainid: 'PERSONLIST',
    domaintype: 'TABLE',
    maxtype: 'UPPER',
    description: 'People',
  })
}

function addTemplates(plant: PlantBuilder): void {
  for (const [index, text] of ['Lost badge', 'Room too cold'].entries()) {
    plant.add('TKTEMPLATE', {
      templateid: String(1001 + index),
      description: text,
      class: 'SR',
      status: 'ACTIVE',
      classstructureid: index === 0 ? '1301' : undefined,
      sortorder: index,
    })
  }
  for (const status of ['WAPPR', 'APPR', 'INPRG', 'COMP']) {
    plant.add('WPEDITSETTING', {
      orgid: ORG,
      woclass: 'WORKORDER',
      status,
      editwplabor: status === 'WAPPR',
      editwpmaterial: status === 'WAPPR',
    })
  }
  const place = { orgid: ORG, country: 'US', stateprovince: 'NH' }
  plant.add('SERVICEADDRESS', {
    ...place,
    addresscode: 'BEDFORD',
    city: 'BEDFORD',
    streetaddress: '1 Mill Road',
    siteid: 'BEDFORD',
    latitudey: 42.946,
    longitudex: -71.515,
  })
  plant.add('SERVICEADDRESS', {
    ...place,
    addresscode: 'NASHUA',
    city: 'NASHUA',
    streetaddress: '9 River Street',
    siteid: 'NASHUA',
    latitudey: 42.765,
    longitudex: -71.467,
  })
}

/** `location|site|meter|last|previous` */
const READINGS = `BPM3100|BEDFORD|IN-PRESSUR|86|84
BR200|BEDFORD|TEMP-F|71|70
N-CH100|NASHUA|RUNHOURS|40211|40043`

function addLocationMeters(plant: PlantBuilder): void {
  for (const line of READINGS.split('\n')) {
    const [location, siteid, metername = '', lastreading, previousreading] = line.split('|')
    const meter = plant.rows('METER').find((row) => row['metername'] === metername)
    plant.add('LOCATIONMETER', {
      location,
      siteid,
      orgid: ORG,
      metername,
      active: true,
      readingtype: metername === 'RUNHOURS' ? 'DELTA' : undefined,
      lastreading,
      previousreading,
      lastreadingdate: plant.planned(-2),
      previousreadingdate: plant.planned(-9),
      measureunitid: meter?.['measureunitid'],
      domainid: meter?.['domainid'],
    })
  }
}

function addTools(plant: PlantBuilder): void {
  for (const [itemnum, description] of [
    ['TORQUE1', 'Torque wrench'],
    ['LADDER8', 'Ladder, 8 ft'],
    ['METER1', 'Multimeter'],
  ]) {
    plant.add('ITEM', {
      itemnum,
      itemsetid: ITEM_SET,
      description,
      itemtype: 'TOOL',
      status: 'ACTIVE',
      rotating: false,
      lottype: 'NOLOT',
      capitalized: false,
      conditionenabled: false,
      iskit: false,
      inspectionrequired: false,
    })
  }
  const orders = plant.rows('WORKORDER').filter((row) => row['istask'] === false && row['estlabhrs'] !== 0)
  for (const [index, order] of orders.slice(0, 12).entries()) addToolUse(plant, order, index)
}

function addToolUse(plant: PlantBuilder, order: Row, index: number): void {
  const siteid = order['siteid']
  const use = { itemnum: index % 2 === 0 ? 'TORQUE1' : 'LADDER8' }
  plant.add('WPTOOL', { ...use, wonum: order['wonum'], siteid, itemqty: 1, hours: 2, rate: 3, linecost: 6 })
  if (index % 3 === 0) {
    plant.add('WPSERVICE', {
      wonum: order['wonum'],
      siteid,
      description: 'Crane with driver',
      vendor: 'ATI',
      linetype: 'SERVICE',
      itemqty: 1,
      unitcost: 320,
      linecost: 320,
    })
    plant.add('TOOLTRANS', {
      ...use,
      refwo: order['wonum'],
      siteid,
      toolqty: 1,
      toolhrs: 2,
      toolrate: 3,
      linecost: 6,
      enterby: 'SAM',
      enterdate: order['statusdate'],
    })
    plant.add('MULTIASSETLOCCI', {
      recordkey: order['wonum'],
      recordclass: 'WORKORDER',
      worksiteid: siteid,
      sequence: 1,
      assetnum: order['assetnum'],
      location: order['location'],
      progress: false,
      isprimary: true,
    })
  }
}

function addSpecs(plant: PlantBuilder): void {
  for (const asset of plant.rows('ASSET').filter((row) => row['failurecode'] === 'PUMPS')) {
    const key = {
      assetnum: asset['assetnum'],
      siteid: asset['siteid'],
      orgid: ORG,
      changeby: 'WILSON',
      changedate: asset['changedate'],
    }
    plant.add('ASSETSPEC', { ...key, assetattrid: 'SPEED', numvalue: 1750, displaysequence: 1 })
    plant.add('ASSETSPEC', { ...key, assetattrid: 'MATERIAL', alnvalue: 'Cast iron', displaysequence: 2 })
  }
}

function addGroups(plant: PlantBuilder): void {
  for (const [groupname, description, authallsites] of [
    ['MAXADMIN', 'Administrators', true],
    ['PLANNERS', 'Planners of Bedford and Nashua', false],
    ['TECHNICIANS', 'Technicians', false],
  ] as const)
    plant.add('MAXGROUP', { groupname, description, independent: false, authallsites })
}
