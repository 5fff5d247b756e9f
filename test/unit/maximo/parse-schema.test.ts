import { describe, expect, test } from 'vitest'
import { parseObjectSchema } from '../../../src/maximo/schema/parse-schema.ts'
import { schemaDocument, workOrders } from './support/work-order-schema.ts'

describe('Maximo’s JSON schema', () => {
  test('becomes fields by kind', () => {
    expect([...workOrders.fields].map(([name, { kind }]) => [name, kind])).toEqual(
      expect.arrayContaining([
        ['wonum', 'text'],
        ['wopriority', 'integer'],
        ['estdur', 'number'],
        ['istask', 'boolean'],
        ['reportdate', 'datetime'],
        ['duedate', 'date'],
        ['starttime', 'time'],
        ['glaccount', 'text'],
      ]),
    )
  })

  test('knows the status list, and no length for a date', () => {
    expect(workOrders.fields.get('status')).toMatchObject({
      hasList: true,
      domainId: 'WOSTATUS',
      maxLength: 16,
    })
    expect(workOrders.fields.get('reportdate')).toMatchObject({ maxLength: null })
  })

  test('pseudo attributes can be shown, not filtered', () => {
    expect(workOrders.fields.get('status_description')).toMatchObject({ isPersistent: false, subType: null })
    expect(workOrders.fields.get('description_longdescription')).toMatchObject({ isPersistent: false })
  })

  test('children are not fields; one that is only named has unknown fields', () => {
    expect(workOrders.fields.has('woactivity')).toBe(false)
    expect(workOrders.children.get('woactivity')?.fields?.get('status')).toMatchObject({
      domainId: 'WOSTATUS',
    })
    expect(workOrders.children.get('worklog')?.fields).toBeNull()
  })

  test.each([
    [
      ['wonum', 'siteid'],
      ['siteid', 'wonum'],
    ],
    [
      ['ponum', 'revisionnum', 'siteid'],
      ['siteid', 'ponum', 'revisionnum'],
    ],
    [
      ['ticketid', 'class'],
      ['class', 'ticketid'],
    ],
    [
      ['location', 'itemsetid', 'itemnum', 'siteid'],
      ['siteid', 'itemsetid', 'location', 'itemnum'],
    ],
    [['wonum', 'nosuchfield', 7], ['wonum']],
  ])('the key %j is written %j', (pk, key) => {
    const text = ['string', 'UPPER'] as const
    const names = [
      'wonum',
      'siteid',
      'ponum',
      'revisionnum',
      'ticketid',
      'class',
      'location',
      'itemsetid',
      'itemnum',
    ]
    const document = schemaDocument(
      { resource: 'MXX', title: 'X', pk: pk as string[] },
      Object.fromEntries(names.map((name) => [name, text])),
    )
    expect(parseObjectSchema(document, 'mxx')?.key).toEqual(key)
  })

  test.each([null, [], 'x', {}, { properties: [] }])('%j is no schema', (body) => {
    expect(parseObjectSchema(body, 'mxx')).toBeNull()
  })

  test('names that are none are dropped, and a prototype is not polluted', () => {
    const document = JSON.parse(
      '{"properties":{"__proto__":{"type":"string","subType":"ALN"},"a b":{"type":"string"},"a\\"=1":{"type":"string"},"ok":{"type":"string","subType":"ALN"}}}',
    ) as unknown
    expect([...(parseObjectSchema(document, 'mxx')?.fields.keys() ?? [])]).toEqual(['__proto__', 'ok'])
    expect(({} as Record<string, unknown>)['type']).toBeUndefined()
  })
})
