import { ORG, type PlantBuilder } from './builder.ts'

/** `location|description|failure class`, indented by level under its parent; a `#` marks a storeroom. */
const LOCATIONS: Readonly<Record<string, string>> = {
  BEDFORD: `BEDFORD|Bedford plant
 BOILER|Boiler Room|BOILERS
  BR200|HVAC System- Main Office|HVAC
   BR210|Circulation Fan #1- Main Office HVAC|HVAC
   BR240|Circulation Fan #2- Main Office HVAC|HVAC
   BR250|Circulation Fan #3- Main Office HVAC|HVAC
  BR230|Emergency Generator
  BR300|Boiler Room Reciprocating Compressor|PUMPS
  BR400|Main Boiler- 50,000 Lb/Hr|BOILERS
   BR430|Condensate Return Pump- Centrifugal/100GPM/60FTHD|PUMPS
    BR431|Condensate Return Pump Motor
   BR450|Feed Water Pump- Centrifugal|PUMPS
   BR460|Burner|BOILERS
 PACK|Packaging hall|PKG
  BPM3100|#1 Liquid Packaging Line|PKG
  BPM3200|#2 Liquid Packaging Line|PKG
 SHIPPING|Shipping and Receiving
 OFFICE|Main office building|HVAC
  OFF101|Office 101
  OFF102|Office 102
  COMP310|Computer room|HVAC
 CENTRAL|Central storeroom#`,
  NASHUA: `NASHUA|Nashua plant
 N-UTIL|Utilities building
  N-CH100|Chiller plant|HVAC
   N-CH110|Chiller 1|HVAC
   N-CH120|Chiller 2|HVAC
   N-CT130|Cooling tower|HVAC
  N-AIR200|Compressed air station|PUMPS
 N-PACK|Packaging hall|PKG
  N-PL1|Carton line 1|PKG
  N-PL2|Carton line 2 – Übergabe|PKG
  N-PAL|Palletiser cell|PKG
 SHIPPING|Shipping dock
 N-OFF|Office wing
  N-OFF1|Office 1
 NSTORE|Nashua storeroom#`,
}

const SYSTEM = 'PRIMARY'

interface Node {
  readonly location: string
  readonly parent: string | undefined
  readonly ancestors: readonly string[]
  readonly description: string
  readonly failurecode: string | undefined
  readonly siteid: string
}

export function addLocations(plant: PlantBuilder): void {
  const nodes = Object.entries(LOCATIONS).flatMap(([siteid, text]) => readTree(siteid, text))
  for (const node of nodes) {
    const hasChildren = nodes.some((other) => other.siteid === node.siteid && other.parent === node.location)
    addLocation(plant, node, hasChildren)
  }
}

function readTree(siteid: string, text: string): Node[] {
  const path: string[] = []
  return text.split('\n').map((line) => {
    const level = line.length - line.trimStart().length
    const [location = '', description = '', failurecode] = line.trim().split('|')
    path.length = level
    const ancestors = [...path]
    path.push(location)
    return { location, description, failurecode, siteid, ancestors, parent: ancestors.at(-1) }
  })
}

function addLocation(plant: PlantBuilder, node: Node, hasChildren: boolean): void {
  const { location, parent, siteid } = node
  const changed = plant.instant(-plant.random.between(100, 1500))
  plant.add('LOCATIONS', {
    location,
    siteid,
    orgid: ORG,
    description: node.description.replace(/#$/, ''),
    type: node.description.endsWith('#') ? 'STOREROOM' : 'OPERATING',
    status: location === 'BPM3200' ? 'LIMITEDUSE' : 'OPERATING',
    statusdate: changed,
    changeby: 'MAXADMIN',
    changedate: changed,
    failurecode: node.failurecode,
    glaccount: siteid === 'BEDFORD' ? '6210-300-???' : '6220-300-200',
    locpriority: plant.random.between(1, 4),
    isdefault: false,
    useinpopr: false,
    disabled: false,
    parent,
    haschildren: hasChildren,
    hasparent: parent !== undefined,
  })
  const place = { location, systemid: SYSTEM, siteid, orgid: ORG }
  plant.add('LOCHIERARCHY', { ...place, parent, children: hasChildren })
  for (const ancestor of [location, ...node.ancestors]) plant.add('LOCANCESTOR', { ...place, ancestor })
}
