import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CATALOG } from '../../src/mcp/tools/catalog/catalog.ts'
import { listed } from '../../src/mcp/transport/tool-lists.ts'
import { breakingChanges, type KnownTool, type ToolNow } from '../support/mcp/breaking-changes.ts'
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
