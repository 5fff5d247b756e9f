import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { CATALOG } from '../../src/mcp/tools/catalog/catalog.ts'
import { listed } from '../../src/mcp/transport/tool-lists.ts'
import { breakingChanges, type KnownTool, type ToolNow } from '../support/mcp/breaking-changes.ts'
import { lostAnswers, promisedFields, shownFields, type KnownAnswer } from '../support/mcp/known-answers.ts'
import { openDoor, type McpDoor } from '../support/mcp/mcp-door.ts'
import { legacyRequest, modernRequest } from '../support/mcp/mcp-requests.ts'

/**
 * What clients have seen. Additions are written down by `npx vitest run test/contract/golden.test.ts -u`; a breaking
 * change fails even so, until its old name or argument is served again.
 */
const FOLDER = join(import.meta.dirname, 'golden')
const TOOLS = join(FOLDER, 'tools.json')
const LISTS = join(FOLDER, 'lists.json')
const read = (): readonly KnownTool[] =>
  existsSync(TOOLS) ? (JSON.parse(readFileSync(TOOLS, 'utf8')) as readonly KnownTool[]) : []
const before = read()

const now = CATALOG.map((tool) => {
  const { name, toolset, effect, scopes, isOnRequest = false, aliases = [] } = tool
  return { ...{ name, toolset, effect, scopes, isOnRequest, aliases }, ...listed(tool, true) }
}) as readonly (ToolNow & object)[]

const byLine = (rows: readonly unknown[]): string =>
  `[\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]\n`

describe('the tools', () => {
  test('do everything that they did', () => {
    expect(breakingChanges(before, now)).toEqual([])
  })

  test('are written down as they are', async () => {
    expect(breakingChanges(before, now)).toEqual([])
    await expect(byLine(now)).toMatchFileSnapshot(TOOLS)
  })
})

describe('the lists', () => {
  const ENVIRONMENT = 'B2b2b2b2b2b2b2b2b2b2b2'
  const URLS = [
    '/mcp',
    `/mcp/${ENVIRONMENT}`,
    '/mcp?readonly=true',
    '/mcp?toolsets=all',
    '/mcp?toolsets=work,assets',
    '/mcp?toolsets=default,inventory&exclude=query_records',
    '/mcp?tools=search_assets,get_purchase_document',
    `/mcp/${ENVIRONMENT}?toolsets=query&readonly=true`,
  ]
  const SCOPES = [
    '',
    'maximo:read',
    'maximo:write',
    'maximo:read maximo:finance',
    'maximo:finance maximo:admin',
  ]

  let door: McpDoor
  beforeAll(async () => {
    door = await openDoor()
  })
  afterAll(() => door.close())

  test('by address, scope and era', async () => {
    const rows: object[] = []
    for (const scope of SCOPES) {
      const token = await door.token({ scope, environment: ENVIRONMENT })
      for (const url of URLS) {
        for (const [era, make] of [['legacy', legacyRequest] as const, ['modern', modernRequest] as const]) {
          const answer = await door.app.inject({ ...make({ method: 'tools/list' }, token), url })
          const { result } = answer.json<{ result: { tools: { name: string }[] } }>()
          const { tools, ...rest } = result
          rows.push({ url, scope, era, tools: tools.map(({ name }) => name), ...rest })
        }
      }
    }
    await expect(byLine(rows)).toMatchFileSnapshot(LISTS)
  })
})

describe('a breaking change', () => {
  const old: KnownTool = {
    name: 'get_thing',
    effect: 'read',
    scopes: ['maximo:read'],
    inputSchema: {
      type: 'object',
      properties: {
        id: { type: 'string' },
        format: { type: 'string', enum: ['json', 'csv'], default: 'json' },
        limit: { type: 'integer', minimum: 1, maximum: 200 },
        names: { type: 'array', items: { type: 'string', enum: ['a', 'b'] } },
      },
      required: ['id'],
    },
  }
  const { inputSchema } = old
  const properties = inputSchema.properties ?? {}
  const changed = (parts: object): ToolNow => ({ ...old, inputSchema: { ...inputSchema, ...parts } })
  const argument = (name: string, schema: object): ToolNow =>
    changed({ properties: { ...properties, [name]: { ...properties[name], ...schema } } })
  const fewer = Object.fromEntries(Object.entries(properties).filter(([name]) => name !== 'format'))

  test.each<[string, ToolNow, string]>([
    [
      'a name that is gone',
      { ...old, name: 'show_thing' },
      'get_thing is gone, and no alias takes its calls',
    ],
    ['another effect', { ...old, effect: 'change' }, 'get_thing is now "change"'],
    [
      'a further scope',
      { ...old, scopes: ['maximo:read', 'maximo:admin'] },
      'get_thing now needs maximo:admin',
    ],
    ['a further required argument', changed({ required: ['id', 'limit'] }), 'get_thing now needs "limit"'],
    ['an argument that is gone', changed({ properties: fewer }), 'get_thing has no "format" any more'],
    ['another type', argument('id', { type: 'integer' }), 'get_thing.id is now integer'],
    [
      'a choice with less in it',
      argument('format', { enum: ['json'] }),
      'get_thing.format no longer takes "csv"',
    ],
    ['a choice that there was not', argument('id', { enum: ['x'] }), 'get_thing.id is now a choice'],
    ['another default', argument('format', { default: 'csv' }), 'get_thing.format has another default'],
    ['a narrower range', argument('limit', { maximum: 100 }), 'get_thing.limit has a lower maximum'],
    ['a later start', argument('limit', { minimum: 5 }), 'get_thing.limit has a higher minimum'],
    [
      'less in a list',
      argument('names', { items: { type: 'string', enum: ['a'] } }),
      'get_thing.names[] no longer takes "b"',
    ],
  ])('%s is found', (_name, tool, expected) => {
    expect(breakingChanges([old], [tool])).toEqual([expected])
  })

  test('an addition, or another name with an alias, is none', () => {
    const more = changed({ properties: { ...properties, more: { type: 'string' } } })
    const wider = argument('format', { enum: ['json', 'csv', 'xlsx'] })
    for (const tool of [old, more, wider, { ...old, name: 'show_thing', aliases: ['get_thing'] }])
      expect(breakingChanges([old], [tool, { ...old, name: 'other' }])).toEqual([])
  })
})

describe('an answer that lost something', () => {
  const old: KnownAnswer = {
    name: 'get_thing',
    fields: {
      id: 'string',
      total: 'integer or null',
      size: 'number?',
      seen: 'anything?',
      'parts[].name': 'string',
    },
    columns: ['id', 'status'],
  }
  const fewer = Object.fromEntries(Object.entries(old.fields).filter(([name]) => name !== 'id'))
  const field = (name: string, type: string): KnownAnswer => ({
    ...old,
    fields: { ...old.fields, [name]: type },
  })

  test.each<[string, KnownAnswer, string]>([
    ['its tool', { ...old, name: 'show_thing' }, 'get_thing is gone, and no alias takes its calls'],
    ['a field', { ...old, fields: fewer }, 'get_thing: id is not answered any more'],
    [
      'a name of a field',
      { ...old, fields: { ...fewer, number: 'string' } },
      'get_thing: id is not answered any more',
    ],
    ['a type', field('id', 'number'), 'get_thing: id was string and is number'],
    ['a value at all times', field('id', 'null or string'), 'get_thing: id was string and is null or string'],
    [
      'whole numbers',
      field('total', 'null or number'),
      'get_thing: total was integer or null and is null or number',
    ],
    ['a field that was always there', field('id', 'string?'), 'get_thing: id was string and is string?'],
    ['a column', { ...old, columns: ['id'] }, 'get_thing has no column "status" any more'],
    ['its table', { name: 'get_thing', fields: old.fields }, 'get_thing has no column "id" any more'],
  ])('%s is found', (_name, now, expected) => {
    expect(lostAnswers([old], [now])[0]).toBe(expected)
  })

  test('but says more, or promises more, or has another name with an alias, did not', () => {
    const more = { ...field('more', 'array'), columns: ['status', 'more', 'id'] }
    const firm = [field('total', 'integer'), field('size', 'integer'), field('seen', 'boolean')]
    for (const now of [old, more, ...firm, { ...old, name: 'show_thing', aliases: ['get_thing'] }])
      expect(lostAnswers([old], [now, { ...old, name: 'other' }])).toEqual([])
  })

  test('is told by what it promises and by what it shows', () => {
    const output = z.union([
      z.strictObject({ id: z.string(), parts: z.array(z.looseObject({ size: z.int().nullable() })) }),
      z.strictObject({ id: z.string(), more: z.unknown().optional() }),
    ])
    expect(promisedFields(output)).toEqual({
      ...{ id: 'string', parts: 'array?', 'parts[].size': 'integer or null', more: 'anything?' },
    })
    const shown = {
      parts: [{ size: 1 }, { color: 'red' }],
      record: { ours: false },
      none: null,
      so: { on: true },
    }
    expect(shownFields(shown)).toEqual({
      ...{ parts: 'array?', 'parts[].size': 'number?', 'parts[].color': 'string?', record: 'object?' },
      ...{ none: 'anything?', so: 'object?', 'so.on': 'boolean?' },
    })
  })
})
