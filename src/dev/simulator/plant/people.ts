import { ORG, type PlantBuilder } from './builder.ts'

/** `person|first|last|title|department|site|supervisor|craft|crew`; a craft makes a labor record. */
const PEOPLE = `MAXADMIN|Max|Admin|System Administrator|IT|BEDFORD
WILSON|Mike|Wilson|Maintenance Planner|MAINTENANCE|BEDFORD
SAM|Sam|Murphy|Maintenance Technician|MAINTENANCE|BEDFORD|STOKES|MECH|CREW-A
LIMITED|Lee|Mitchell|Auditor|QUALITY|NASHUA
STOKES|Robin|Stokes|Maintenance Supervisor|MAINTENANCE|BEDFORD
OKAFOR|Ngozi|Okafor|Maintenance Supervisor|MAINTENANCE|NASHUA
ADAMS|Hank|Adams|Mechanic|MAINTENANCE|BEDFORD|STOKES|MECH|CREW-A
ALLEN|Rebecca|Allen|Electrician|MAINTENANCE|BEDFORD|STOKES|ELEC|CREW-A
BARRY|Tom|Barry|Pipe Fitter|MAINTENANCE|BEDFORD|STOKES|PIPE|CREW-B
CALDONE|Vera|Caldone|Mechanic|MAINTENANCE|BEDFORD|STOKES|MECH|CREW-B
JACOBY|Ann|Jacoby|HVAC Technician|MAINTENANCE|BEDFORD|STOKES|HVAC|CREW-B
MILLS|Peter|Mills|Instrument Technician|MAINTENANCE|BEDFORD|STOKES|INSTR|CREW-A
MÜLLER|Jörg|Müller|Mechanic|MAINTENANCE|NASHUA|OKAFOR|MECH|CREW-N
NAKATA|Yui|Nakata|Electrician|MAINTENANCE|NASHUA|OKAFOR|ELEC|CREW-N
OBRIEN|Kate|O'Brien|Packaging Mechanic|MAINTENANCE|NASHUA|OKAFOR|MECH|CREW-N
PETROV|Ivan|Petrov|HVAC Technician|MAINTENANCE|NASHUA|OKAFOR|HVAC|CREW-N
QUINN|Alex|Quinn|Storekeeper|STORES|BEDFORD
RAO|Asha|Rao|Storekeeper|STORES|NASHUA
SINCLAIR|Dana|Sinclair|Operations Manager|OPERATIONS|BEDFORD
TORRES|Luis|Torres|Operator|OPERATIONS|BEDFORD
UEDA|Ken|Ueda|Operator|OPERATIONS|NASHUA
VOGEL|Mia|Vogel|Safety Officer|QUALITY|NASHUA
WAGNER|Otto|Wagner|Retired Mechanic|MAINTENANCE|BEDFORD`

const RATES: Readonly<Record<string, number>> = { MECH: 24.5, ELEC: 28, PIPE: 25, HVAC: 26.75, INSTR: 31.2 }
const SKILLS = ['FIRSTCLASS', 'SECONDCLASS', 'APPRENTICE']

export function addPeople(plant: PlantBuilder): void {
  for (const [index, line] of PEOPLE.split('\n').entries()) {
    const [personid = '', firstname = '', lastname = '', title, department, site = '', ...rest] =
      line.split('|')
    const [supervisor, craft, crewid] = rest
    const contact = {
      primaryphone: `+1-555-01${String(index).padStart(2, '0')}`,
      primaryemail: `${firstname}.${lastname}@eagle.example`.toLowerCase().replaceAll(/[^a-z.@]/g, ''),
    }
    plant.add('PERSON', {
      personid,
      firstname,
      lastname,
      displayname: `${firstname} ${lastname}`,
      title,
      department,
      status: personid === 'WAGNER' ? 'INACTIVE' : 'ACTIVE',
      statusdate: plant.instant(-plant.random.between(200, 900)),
      supervisor,
      ...contact,
      locationsite: site,
      locationorg: ORG,
      timezone: 'AMERICA/NEW_YORK',
    })
    addContact(plant, personid, contact)
    if (craft !== undefined) addLabor(plant, { personid, site, craft, crewid })
  }
}

function addContact(
  plant: PlantBuilder,
  personid: string,
  contact: { primaryphone: string; primaryemail: string },
): void {
  plant.add('PHONE', { personid, phonenum: contact.primaryphone, type: 'WORK', isprimary: true })
  plant.add('EMAIL', { personid, emailaddress: contact.primaryemail, isprimary: true })
}

function addLabor(
  plant: PlantBuilder,
  person: { personid: string; site: string; craft: string; crewid: string | undefined },
): void {
  const laborcode = person.personid
  plant.add('LABOR', {
    laborcode,
    personid: person.personid,
    orgid: ORG,
    worksite: person.site,
    status: 'ACTIVE',
    crewid: person.crewid,
    availfactor: 0.85,
  })
  plant.add('LABORCRAFTRATE', {
    laborcode,
    orgid: ORG,
    craft: person.craft,
    skilllevel: plant.random.pick(SKILLS),
    rate: RATES[person.craft] ?? 20,
    defaultcraft: true,
  })
}
