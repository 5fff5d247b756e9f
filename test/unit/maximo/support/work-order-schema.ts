import type { ObjectSchema } from '../../../../src/maximo/schema/object-schema.ts'
import { parseObjectSchema } from '../../../../src/maximo/schema/parse-schema.ts'

type Attribute = readonly [type: string, subType: string, more?: Record<string, unknown>]

/** A schema document of the shape of `/jsonschemas/{os}?oslc.select=*`, from a table of attributes. */
export const schemaDocument = (
  head: { resource: string; title: string; pk: string[] },
  attributes: Record<string, Attribute>,
  children: Record<string, unknown> = {},
) => ({
  $schema: 'http://json-schema.org/draft-04/schema#',
  resource: head.resource,
  description: `Maximo API for ${head.title}`,
  title: head.title,
  pk: head.pk,
  type: 'object',
  $ref: `oslc/jsonschemas/${head.resource.toLowerCase()}`,
  properties: { ...PSEUDO, ...properties(attributes), ...children },
  required: head.pk,
})

const properties = (attributes: Record<string, Attribute>) =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, [type, subType, more]]) => [
      name,
      { title: name, remarks: `The ${name}.`, type, subType, persistent: true, ...more },
    ]),
  )

const PSEUDO = { href: { type: 'string' }, _rowstamp: { type: 'string' }, localref: { type: 'string' } }

export const workOrderDocument = schemaDocument(
  { resource: 'MXAPIWODETAIL', title: 'WORKORDER', pk: ['wonum', 'siteid'] },
  {
    wonum: ['string', 'UPPER', { maxLength: 25 }],
    siteid: ['string', 'UPPER', { maxLength: 8, hasList: true }],
    orgid: ['string', 'UPPER', { maxLength: 8 }],
    description: ['string', 'ALN', { maxLength: 100 }],
    description_longdescription: ['string', 'LONGALN', { maxLength: 32000, persistent: false }],
    status: ['string', 'UPPER', { maxLength: 16, hasList: true }],
    worktype: ['string', 'UPPER', { maxLength: 5, hasList: true }],
    wopriority: ['integer', 'INTEGER', { maxLength: 12 }],
    estdur: ['number', 'DURATION'],
    istask: ['boolean', 'YORN'],
    reportdate: ['string', 'DATETIME', { maxLength: 10 }],
    targstartdate: ['string', 'DATETIME', { maxLength: 10 }],
    duedate: ['string', 'DATE', { maxLength: 4 }],
    starttime: ['string', 'TIME', { maxLength: 10 }],
    assetnum: ['string', 'UPPER', { maxLength: 25 }],
    location: ['string', 'UPPER', { maxLength: 25 }],
    glaccount: ['string', 'GL', { maxLength: 23 }],
    workorderid: ['integer', 'BIGINT'],
  },
  {
    status_description: { type: 'string' },
    status_maxvalue: { type: 'string' },
    doclinks: { type: 'array', relation: 'DOCLINKS', objectName: 'DOCLINKS', cardinality: 'MULTIPLE' },
    woactivity: {
      type: 'array',
      relation: 'WOACTIVITY',
      objectName: 'WOACTIVITY',
      cardinality: 'MULTIPLE',
      items: {
        type: 'object',
        properties: properties({
          taskid: ['integer', 'INTEGER'],
          description: ['string', 'ALN', { maxLength: 100 }],
          status: ['string', 'UPPER', { maxLength: 16 }],
        }),
      },
    },
    wplabor: {
      type: 'array',
      relation: 'SHOWPLANLABOR',
      objectName: 'WPLABOR',
      items: {
        type: 'object',
        properties: properties({
          craft: ['string', 'UPPER', { maxLength: 8 }],
          quantity: ['integer', 'INTEGER'],
          laborhrs: ['number', 'DURATION'],
        }),
      },
    },
    worklog: {
      type: 'array',
      relation: 'WOWORKLOG',
      objectName: 'WORKLOG',
      items: {
        type: 'object',
        definition: { subSchema: { $ref: 'oslc/jsonschemas/mxapiwodetail/worklog' } },
      },
    },
  },
)

export const locationDocument = schemaDocument(
  { resource: 'MXAPIOPERLOC', title: 'LOCATIONS', pk: ['location', 'siteid'] },
  {
    location: ['string', 'UPPER', { maxLength: 12 }],
    siteid: ['string', 'UPPER', { maxLength: 8 }],
    description: ['string', 'ALN', { maxLength: 100 }],
    status: ['string', 'ALN', { maxLength: 20 }],
    locpriority: ['integer', 'INTEGER'],
  },
)

const parsed = (document: unknown, name: string): ObjectSchema => {
  const schema = parseObjectSchema(document, name)
  if (schema === null) throw new Error('the fixture is no schema')
  return schema
}

export const workOrders = parsed(workOrderDocument, 'mxapiwodetail')
export const locations = parsed(locationDocument, 'mxapioperloc')
export const assets = parsed(
  schemaDocument(
    { resource: 'MXAPIASSET', title: 'ASSET', pk: ['siteid', 'assetnum'] },
    {
      assetnum: ['string', 'UPPER', { maxLength: 25 }],
      siteid: ['string', 'UPPER', { maxLength: 8 }],
      location: ['string', 'UPPER', { maxLength: 12 }],
    },
  ),
  'mxapiasset',
)
