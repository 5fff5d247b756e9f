import { getToolUiResourceUri } from '@modelcontextprotocol/ext-apps/app-bridge'
import { EXTENSION_ID, getUiCapability, RESOURCE_MIME_TYPE } from '@modelcontextprotocol/ext-apps/server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CATALOG } from '../../../src/mcp/tools/catalog/catalog.ts'
import { declaresApps } from '../../../src/mcp/transport/pictures.ts'
import { openDoor, type McpDoor } from '../../support/mcp/mcp-door.ts'
import {
  ENVELOPE,
  legacyRequest,
  modernRequest,
  type Posted,
  type RpcMessage,
} from '../../support/mcp/mcp-requests.ts'

const CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities'
const APPS = { extensions: { 'io.modelcontextprotocol/ui': { mimeTypes: ['text/html;profile=mcp-app'] } } }

/** What the extension's own package makes of capabilities, beside what we make of them. */
describe('a client declares that it shows pictures', () => {
  test.each<[string, object, boolean]>([
    ['with the type of our pages', APPS, true],
    ['with others too', { extensions: { [EXTENSION_ID]: { mimeTypes: ['x/y', RESOURCE_MIME_TYPE] } } }, true],
    ['with other types only', { extensions: { [EXTENSION_ID]: { mimeTypes: ['text/html'] } } }, false],
    ['without any type', { extensions: { [EXTENSION_ID]: {} } }, false],
    ['not at all', {}, false],
    ['with another extension', { extensions: { 'io.modelcontextprotocol/tasks': {} } }, false],
  ])('%s', (_name, capabilities, expected) => {
    expect(getUiCapability(capabilities)?.mimeTypes?.includes(RESOURCE_MIME_TYPE) ?? false).toBe(expected)
    expect(declaresApps({ ...ENVELOPE, [CAPABILITIES]: capabilities })).toBe(expected)
  })

  test.each([undefined, null, 'text', [], { [CAPABILITIES]: null }, { [CAPABILITIES]: { extensions: [] } }])(
    'broken: %j',
    (meta) => expect(declaresApps(meta)).toBe(false),
  )
})

describe('tools/list names the pictures of its tools', () => {
  let door: McpDoor
  let token: string
  beforeAll(async () => {
    door = await openDoor()
    token = await door.token({ scope: 'maximo:write maximo:finance maximo:admin' })
  })
  afterAll(() => door.close())

  /** Name and picture of every listed tool that names one. */
  async function pictures(request: Posted): Promise<Record<string, string>> {
    const answer = await door.app.inject({ ...request, url: '/mcp?toolsets=all' })
    const { tools } = answer.json<{
      result: { tools: { name: string; _meta?: Record<string, unknown> }[] }
    }>().result
    const named = tools.flatMap((tool) => {
      const uri = getToolUiResourceUri(tool)
      return uri === undefined ? [] : [[tool.name, uri] as const]
    })
    return Object.fromEntries(named)
  }

  const list = (params: object = {}): RpcMessage => ({ method: 'tools/list', params: { ...params } })
  const showing = { _meta: { [CAPABILITIES]: APPS } }
  /** Whatever has an unusual parameter is answered by the SDK. */
  const unusual = { cursor: '' }
  const expected = Object.fromEntries(
    CATALOG.flatMap(({ name, picture }) => (picture === undefined ? [] : [[name, `ui://maximo/${picture}`]])),
  )

  test('to a client that shows them, and to everybody in the era that declares it once', async () => {
    expect(expected).toMatchObject({
      search_work_orders: 'ui://maximo/work-board',
      plan_change: 'ui://maximo/change-review',
      create_work_order: 'ui://maximo/change-review',
      aggregate_records: 'ui://maximo/trend-chart',
    })
    for (const more of [{}, unusual]) {
      expect(await pictures(modernRequest(list({ ...showing, ...more }), token))).toEqual(expected)
      expect(await pictures(legacyRequest(list(more), token))).toEqual(expected)
    }
  })

  test('to nobody else', async () => {
    for (const more of [{}, unusual]) expect(await pictures(modernRequest(list(more), token))).toEqual({})
  })

  test('and the tool that writes has none, so that a picture of a plan never turns up as the end of one', () => {
    expect(Object.keys(expected)).not.toContain('commit_change')
  })
})
