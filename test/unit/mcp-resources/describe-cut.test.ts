import { expect, test } from 'vitest'
import type { FieldSchema, ObjectSchema } from '../../../src/maximo/schema/object-schema.ts'
import { describeFields } from '../../../src/mcp/tools/describe/describe-fields.ts'
import { MAX_TOKENS } from '../../../src/mcp/tools/query/inputs.ts'
import type { ToolContext } from '../../../src/mcp/tools/tool.ts'
import { manualClock } from '../../support/clock.ts'

const field = (name: string): FieldSchema => ({
  ...{ name, kind: 'text', subType: 'ALN', title: name, remarks: 'x'.repeat(100), maxLength: 10 },
  ...{ isPersistent: true, isRequired: false, hasList: false, domainId: null },
})
const NAMES = Array.from({ length: 400 }, (_, at) => `field${at}`)
/** More than one answer holds. */
const WIDE: ObjectSchema = {
  ...{ resource: 'MXWIDE', objectName: 'WIDE', description: null, key: ['field0'], uniqueId: null },
  fields: new Map(NAMES.map((name) => [name, field(name)])),
  children: new Map(),
  relations: new Map(),
}
const context = {
  environment: { id: 'env1', host: 'maximo.example' },
  clock: manualClock(),
  call: { signal: new AbortController().signal, correlationId: 'x' },
} as unknown as ToolContext

test('a description that is cut links to the resource with all fields, which is not', () => {
  const wanted = { keyword: undefined, detail: 'full' } as const
  const cut = describeFields(WIDE, wanted, context)
  const body = JSON.parse(cut.text) as Record<string, unknown>
  const uri = 'maximo://env1/schema/mxwide'
  expect(body).toMatchObject({ complete: false, total: NAMES.length, whole: uri })
  expect(cut.links).toMatchObject([{ uri, mimeType: 'application/json' }])
  const whole = describeFields(WIDE, { ...wanted, maxTokens: MAX_TOKENS }, context)
  expect(JSON.parse(whole.text)).toMatchObject({ complete: true, returned: NAMES.length })
  expect(whole.links).toBeUndefined()
})
