import { expect, test } from 'vitest'
import { readTraceparent } from '../../../src/mcp/admission/traceparent.ts'

const [TRACE, SPAN] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7']
const PARENT = `00-${TRACE}-${SPAN}-01`
const OTHER = `00-${SPAN}${SPAN}-${SPAN}-00`
const meta = (traceparent: unknown): unknown => ({ params: { _meta: { traceparent } } })
const inHeader = (traceparent: string) => readTraceparent({ headers: { traceparent }, body: undefined })
const inBody = (body: unknown) => readTraceparent({ headers: {}, body })

test('the header counts before what the body says, even where it is of no use', () => {
  expect(inHeader(PARENT)).toBe(PARENT)
  expect(inBody(meta(PARENT))).toBe(PARENT)
  expect(readTraceparent({ headers: { traceparent: PARENT }, body: meta(OTHER) })).toBe(PARENT)
  expect(readTraceparent({ headers: { traceparent: 'x' }, body: meta(OTHER) })).toBeNull()
})

test.each([
  ...[`01-${TRACE}-${SPAN}-01`, `x${PARENT}`, `${PARENT}x`, `${PARENT}-00`, `${PARENT}\n`, ''],
  ...[`00-${'0'.repeat(32)}-${SPAN}-01`, `00-${TRACE}-${'0'.repeat(16)}-01`, PARENT.toUpperCase()],
  ...[
    `00-${TRACE}0-${SPAN}-01`,
    `00-${TRACE}-${SPAN}0-01`,
    `00-${TRACE}-${SPAN}-1`,
    `00-${TRACE}-${SPAN}-001`,
  ],
  ...[`00-${TRACE.slice(1)}-${SPAN}-01`, `00-${TRACE}-${SPAN.slice(1)}-01`, `00-${TRACE}-${SPAN}-0g`],
])('%j is no parent', (said) => {
  expect([inHeader(said), inBody(meta(said))]).toEqual([null, null])
})

test('ids that only begin or end with zeros are ids', () => {
  for (const trace of [`${'0'.repeat(31)}1`, `1${'0'.repeat(31)}`])
    expect(inHeader(`00-${trace}-${SPAN}-01`)).not.toBeNull()
  for (const span of [`${'0'.repeat(15)}1`, `1${'0'.repeat(15)}`])
    expect(inHeader(`00-${TRACE}-${span}-01`)).not.toBeNull()
})

test.each<[unknown]>([
  ...[[undefined], [null], ['text'], [7], [{}], [{ params: null }], [{ params: 'text' }], [{ params: {} }]],
  ...[[{ params: { _meta: null } }], [meta([PARENT])], [meta({ toString: () => PARENT })], [meta(7)]],
  // What was not sent is not there, whatever its prototype says.
  [{ params: { _meta: Object.create({ traceparent: PARENT }) as unknown } }],
  [Object.create({ params: { _meta: { traceparent: PARENT } } })],
] as [unknown][])('%j is part of none', (body) => {
  expect(inBody(body)).toBeNull()
})
