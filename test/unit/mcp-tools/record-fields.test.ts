import { describe, expect, test } from 'vitest'
import { parseObjectSchema } from '../../../src/maximo/schema/parse-schema.ts'
import { recordFields } from '../../../src/mcp/tools/result/columns.ts'

function fieldsWith(custom: number): ReturnType<typeof recordFields> {
  const schema = parseObjectSchema(
    {
      resource: 'MXAPIASSET',
      pk: ['ASSETNUM', 'SITEID'],
      properties: Object.fromEntries(
        ['assetnum', 'siteid', ...Array.from({ length: custom }, (_, at) => `zz${at}`)].map((name) => [
          name,
          { type: 'string', subType: 'ALN', maxLength: 20, persistent: true },
        ]),
      ),
    },
    'MXAPIASSET',
  )
  if (schema === null) throw new Error('no schema')
  return recordFields(schema)
}

describe('the fields of one record', () => {
  test('are all of its own, with nothing to say', () => {
    const { fields, notes } = fieldsWith(88)
    expect(fields).toHaveLength(90)
    expect(notes).toEqual([])
  })

  test('of an object with more than are asked for at once, say how many are left out, and which come first', () => {
    const { fields, notes } = fieldsWith(100)
    expect(fields).toHaveLength(90)
    expect(fields).toContain('assetnum')
    expect(notes).toEqual([
      'Not asked for: 12 further fields (zz88, zz89, zz90, zz91, zz92, zz93, zz94, zz95, zz96, zz97, …). Name what you need in select.',
    ])
  })
})
