/** A child of an object structure: its JSON name, the relationship that is its path segment, and its object name. */
export interface ChildNode {
  /** Name in `oslc.select` and in JSON. */
  readonly name: string
  readonly relation: string
  /** Object name in child keys and schemas; a view may differ from the table behind the relationship. */
  readonly objectName: string
  /** Attachments come as an object with a link, not as an array. */
  readonly isDoclinks: boolean
}

export interface SavedQuery {
  readonly name: string
  readonly title: string
  /** In the grammar of `oslc.where`; `:name` stands for the parameter `sqp:name`. */
  readonly where: string
}

export interface ObjectStructure {
  readonly name: string
  readonly description: string
  readonly mbo: string
  /** Authorisation application. */
  readonly app: string
  readonly children: readonly ChildNode[]
  readonly queries: readonly SavedQuery[]
}

interface Description {
  readonly mbo: string
  readonly app: string
  readonly about: string
  /** `name:RELATION[:OBJECT]`, blank separated. */
  readonly children?: string
  readonly queries?: readonly SavedQuery[]
}

const OPEN = 'istask=0 and historyflag=0'

const DESCRIPTIONS: Readonly<Record<string, Description>> = {
  MXAPIWODETAIL: {
    mbo: 'WORKORDER',
    app: 'WOTRACK',
    about: 'Maximo API for Work Order Details',
    children:
      'woactivity:WOACTIVITY:WOACTIVITY wplabor:SHOWPLANLABOR wpmaterial:SHOWPLANMATERIAL labtrans:UXSHOWACTUALLABOR ' +
      'matusetrans:UXSHOWACTUALMATERIAL worklog:WOWORKLOG failurereport:UXSHOWFAILUREREPORT ' +
      'wostatus:WOSTATUS assignment:SHOWASSIGNMENT relatedrecord:RELATEDRECORD wototal:WOTOTAL doclinks:DOCLINKS',
    queries: [
      { name: 'OPENWO', title: 'Open work orders', where: OPEN },
      { name: 'OPENBYSITE', title: 'Open work orders of a site', where: `${OPEN} and siteid=:siteid` },
      { name: 'HIGHPRIORITY', title: 'Open, priority 1', where: `${OPEN} and wopriority=1` },
    ],
  },
  MXAPIASSET: {
    mbo: 'ASSET',
    app: 'ASSET',
    about: 'Maximo API for Asset',
    children: 'assetmeter:INT_ASSETMETER assetstatus:ASSETSTATUS sparepart:SPAREPART doclinks:DOCLINKS',
    queries: [{ name: 'NOTRUNNING', title: 'Assets that are down', where: 'isrunning=0' }],
  },
  MXAPIOPERLOC: {
    mbo: 'LOCATIONS',
    app: 'LOCATION',
    about: 'Maximo API for Operating Locations',
    children: 'locancestor:LOCANCESTOR lochierarchy:LOCHIERLOCONLY doclinks:DOCLINKS',
  },
  MXAPILOCATIONS: {
    mbo: 'LOCATIONS',
    app: 'LOCATION',
    about: 'Maximo API for Locations',
    children: 'locancestor:LOCANCESTOR lochierarchy:LOCHIERLOCONLY doclinks:DOCLINKS',
  },
  MXAPISR: {
    mbo: 'TICKET',
    app: 'SR',
    about: 'Maximo API for Service Request',
    children: 'worklog:UXWORKLOG tkstatus:TKSTATUS relatedrecord:RELATEDWO doclinks:DOCLINKS',
    queries: [{ name: 'NEWSR', title: 'New service requests', where: 'status="NEW"' }],
  },
  MXAPIPM: {
    mbo: 'PM',
    app: 'PM',
    about: 'Maximo API for Preventive Maintenance',
    children: 'doclinks:DOCLINKS',
  },
  MXAPIJOBPLAN: {
    mbo: 'JOBPLAN',
    app: 'JOBPLAN',
    about: 'Maximo API for Job Plan',
    children: 'jptask:JOBTASK jplabor:JOBLABOR doclinks:DOCLINKS',
  },
  MXAPIPERSON: {
    mbo: 'PERSON',
    app: 'PERSON',
    about: 'Maximo API for Person',
    children: 'phone:PHONE email:EMAIL',
  },
  MXAPILABOR: {
    mbo: 'LABOR',
    app: 'LABOR',
    about: 'Maximo API for Labor',
    children: 'laborcraftrate:LABORCRAFTRATE',
  },
  MXAPIDOMAIN: {
    mbo: 'MAXDOMAIN',
    app: 'DOMAINADM',
    about: 'Maximo API for Domain',
    children: 'synonymdomain:SYNONYMDOMAIN alndomainvalue:ALNDOMAIN',
  },
  MXAPISYNONYMDOMAIN: { mbo: 'SYNONYMDOMAIN', app: 'DOMAINADM', about: 'Maximo API for Synonym Domain' },
  MXAPIALNDOMAIN: { mbo: 'ALNDOMAIN', app: 'DOMAINADM', about: 'Maximo API for ALN Domain' },
  MXAPIWORKTYPE: { mbo: 'WORKTYPE', app: 'ORGANIZAT', about: 'Maximo API for Work Type' },
  MXAPIFAILURELIST: { mbo: 'FAILURELIST', app: 'FAILURE', about: 'Maximo API for Failure List' },
  MXAPIASSETMETER: { mbo: 'ASSETMETER', app: 'ASSET', about: 'Maximo API for Asset Meter' },
  MXAPIITEM: { mbo: 'ITEM', app: 'ITEM', about: 'Maximo API for Item', children: 'doclinks:DOCLINKS' },
  MXAPIINVENTORY: {
    mbo: 'INVENTORY',
    app: 'INVENTOR',
    about: 'Maximo API for Inventory',
    children: 'invbalances:INVBALANCES invcost:INVCOST',
  },
  MXAPIORGANIZATION: {
    mbo: 'ORGANIZATION',
    app: 'ORGANIZAT',
    about: 'Maximo API for Organization',
    children: 'site:SITE',
  },
}

export const objectStructures: readonly ObjectStructure[] = Object.entries(DESCRIPTIONS).map(
  ([name, description]) => ({
    name,
    description: description.about,
    mbo: description.mbo,
    app: description.app,
    children: (description.children ?? '')
      .split(' ')
      .filter((text) => text !== '')
      .map(parseChild),
    queries: description.queries ?? [],
  }),
)

function parseChild(text: string): ChildNode {
  const [name = '', relation = '', object] = text.split(':')
  return { name, relation, objectName: object ?? name.toUpperCase(), isDoclinks: name === 'doclinks' }
}
