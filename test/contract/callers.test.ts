import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Receipt } from '../../src/crypto/credential.ts'
import { randomId } from '../../src/kernel/random.ts'
import { PROMPTS } from '../../src/mcp/prompts/catalog.ts'
import { CATALOG } from '../../src/mcp/tools/catalog/catalog.ts'
import type { Tool } from '../../src/mcp/tools/tool.ts'
import { call, legacyRequest, modernRequest, type RpcMessage } from '../support/mcp/mcp-requests.ts'
import { openPlantDoor, type PlantDoor } from '../support/maximo/plant-door.ts'
import { simplestArguments } from '../support/mcp/simplest-arguments.ts'

/** Who asks, with which token, at which address. */
interface Kind {
  readonly name: string
  readonly scope: string
  readonly account?: string
  readonly url?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly receipt?: Partial<Receipt>
  readonly era?: 'modern'
  /** An automation token. */
  readonly token?: 'ci'
  /** An object that its rules let it name. */
  readonly object?: string
}

const READ = 'maximo:read offline_access'
const ALL = 'maximo:write maximo:finance maximo:admin maximo:apm offline_access'

/** That of every token here. */
const ENVIRONMENT = 'B2b2b2b2b2b2b2b2b2b2b2'

const KINDS: readonly Kind[] = [
  { name: 'a planner who reads', scope: READ },
  { name: 'a planner who writes', scope: 'maximo:write' },
  { name: 'a planner with costs', scope: 'maximo:read maximo:finance', url: '/mcp?toolsets=all' },
  { name: 'everything that a token can allow', scope: ALL, url: '/mcp?toolsets=all', era: 'modern' },
  { name: 'no scope at all', scope: 'offline_access', url: '/mcp?toolsets=all' },
  { name: 'costs without all else, by default', scope: 'maximo:finance' },
  { name: 'an administrator of ours', scope: 'maximo:admin', url: '/mcp?toolsets=admin,core' },
  { name: 'a technician', scope: ALL, account: 'technician@example.com', url: '/mcp?toolsets=all' },
  { name: 'a technician by default', scope: 'maximo:write', account: 'technician@example.com' },
  {
    name: 'one who may read assets alone',
    scope: READ,
    account: 'limited@example.com',
    url: '/mcp?toolsets=all',
  },
  { name: 'an administrator of Maximo', scope: ALL, account: 'admin@example.com', era: 'modern' },
  { name: 'read-only by the address', scope: ALL, url: '/mcp?toolsets=all&readonly=true' },
  {
    name: 'read-only by a header',
    scope: ALL,
    url: '/mcp?toolsets=all',
    headers: { 'x-mcp-readonly': 'true' },
  },
  { name: 'two sets of tools', scope: ALL, url: '/mcp?toolsets=work,inventory' },
  { name: 'tools by name', scope: READ, url: '/mcp?tools=get_asset,search_purchase_documents,commit_change' },
  { name: 'all but some', scope: ALL, url: '/mcp?exclude=query_records,get_record', era: 'modern' },
  {
    name: 'what address and headers both allow',
    scope: ALL,
    url: '/mcp?toolsets=work,assets',
    headers: { 'x-mcp-toolsets': 'assets,purchasing' },
  },
  { name: 'a token for reports', scope: ALL, url: '/mcp?toolsets=all', receipt: { obj: '@reporting.1' } },
  {
    name: 'a token for orders',
    scope: ALL,
    url: '/mcp?toolsets=all',
    object: 'mxapipo',
    receipt: { obj: '@erp-readonly.1' },
  },
  { name: 'a token for mobile work', scope: ALL, url: '/mcp?toolsets=all', receipt: { obj: '@mobile.1' } },
  {
    name: 'a token for sensors',
    scope: ALL,
    url: '/mcp?toolsets=all',
    receipt: { obj: '@iot-ingest.1' },
    object: 'mxapiassetmeter',
  },
  {
    name: 'a token for one object',
    scope: ALL,
    url: '/mcp?toolsets=all',
    object: 'mxapiasset',
    receipt: { obj: 'MXAPIASSET:r' },
  },
  {
    name: 'an address of its environment',
    scope: ALL,
    url: `/mcp/${ENVIRONMENT}?toolsets=all`,
    era: 'modern',
  },
  {
    name: 'an address of its environment, narrowed',
    scope: ALL,
    url: `/mcp/${ENVIRONMENT}?toolsets=work&readonly=true`,
  },
  { name: 'automation with the default list', scope: READ, url: '/ci/mcp', token: 'ci' },
  { name: 'automation with everything', scope: ALL, url: '/ci/mcp?toolsets=all', token: 'ci', era: 'modern' },
  {
    name: 'automation for reports',
    ...{ scope: ALL, url: '/ci/mcp?toolsets=all', token: 'ci' },
    receipt: { obj: '@reporting.1' },
  },
  { name: 'a plan with the feature', scope: ALL, url: '/mcp?toolsets=all', receipt: { fea: 'premium' } },
]

/** One set needs a feature, as an operator's plans can demand. */
const SERVED = CATALOG.map((tool) =>
  tool.toolset === 'reliability' ? { ...tool, feature: 'premium' } : tool,
)

let plant: PlantDoor
beforeAll(async () => {
  plant = await openPlantDoor({ catalog: SERVED })
})
afterAll(() => plant.close())

interface Answer {
  readonly status: number
  readonly error?: { readonly code: number; readonly message: string }
  readonly result?: Readonly<Record<string, unknown>> & {
    readonly tools?: readonly { name: string }[]
    readonly content?: readonly { text: string }[]
  }
}

async function askerOf(kind: Kind): Promise<(message: RpcMessage) => Promise<Answer>> {
  const { baseUrl, accounts } = plant.simulator
  const account = kind.account ?? 'planner@example.com'
  const token = await plant.door.token({
    scope: kind.scope,
    subject: `user_${account}`,
    maximo: { baseUrl, apiKey: accounts.of(account).apiKey },
    environment: ENVIRONMENT,
    receipt: {
      ...kind.receipt,
      ...(kind.token === 'ci' && { knd: 'ci' as const, jti: randomId(), kids: keysIn(plant) }),
    },
  })
  const make = kind.era === 'modern' ? modernRequest : legacyRequest
  return async (message) => {
    const request = make(message, token)
    const { url = '/mcp', headers = {} } = kind
    const answer = await plant.door.app.inject({
      ...request,
      url,
      headers: { ...request.headers, ...headers },
    })
    return { status: answer.statusCode, ...answer.json<Omit<Answer, 'status'>>() }
  }
}

/** Those of the portal: an automation token names the keys that made it. */
const keysIn = ({ door }: PlantDoor): [string, string] => {
  const { tokenEncryption, tokenSigning } = door.workshop.portal
  return [tokenEncryption.active.kid, tokenSigning.active.kid]
}

const listedIn = ({ result }: Answer): readonly string[] => result?.tools?.map(({ name }) => name) ?? []
/** One call for each kind of record that the tool knows; rules may allow some of them. */
const argumentsOf = (tool: Tool, { object = 'mxapiwodetail' }: Kind): readonly object[] => {
  const simplest = {
    ...simplestArguments(tool),
    ...(tool.namesObject === true && 'object' in tool.input.shape && { object }),
  }
  const kinds = Object.keys(tool.objects ?? {})
  return kinds.length === 0 ? [simplest] : kinds.map((kind) => ({ ...simplest, kind }))
}
/** Not refused at the door; what the tool itself makes of the arguments is its own affair. */
const isLetIn = ({ status, error, result }: Answer): boolean =>
  status === 200 &&
  error === undefined &&
  !/^not_permitted: \w+ is not available/.test(result?.content?.[0]?.text ?? '')

async function someIsLetIn(
  calls: readonly object[],
  ask: (args: object) => Promise<Answer>,
): Promise<boolean> {
  for (const args of calls) if (isLetIn(await ask(args))) return true
  return false
}

describe.each(KINDS.map((kind) => [kind.name, kind] as const))('%s', (_name, kind) => {
  test('can call by name exactly what is listed', async () => {
    const ask = await askerOf(kind)
    const listed = listedIn(await ask({ method: 'tools/list' }))
    const callable: string[] = []
    for (const tool of SERVED) {
      const byName = (args: object) => ask(call(tool.name, args))
      if (await someIsLetIn(argumentsOf(tool, kind), byName)) callable.push(tool.name)
    }
    expect(callable).toEqual(listed)
  })

  test('can reach through other tools exactly what get_context names', async () => {
    const ask = await askerOf(kind)
    const listed = listedIn(await ask({ method: 'tools/list' }))
    if (!listed.includes('get_context')) return
    const context = (await ask(call('get_context'))).result?.content?.[0]?.text ?? '{}'
    const { toolsets } = JSON.parse(context) as { toolsets: Record<string, string[]> }
    const named = Object.values(toolsets).flat()
    for (const [caller, effect] of [
      ['call_read_tool', 'read'],
      ['call_write_tool', 'stage'],
    ] as const) {
      if (!listed.includes(caller)) continue
      const reached: string[] = []
      const all = SERVED.filter((tool) => tool.effect === effect && tool.calls === undefined)
      for (const tool of all) {
        const through = (args: object) => ask(call(caller, { tool: tool.name, arguments: args }))
        if (await someIsLetIn(argumentsOf(tool, kind), through)) reached.push(tool.name)
      }
      expect(reached).toEqual(all.map(({ name }) => name).filter((name) => named.includes(name)))
    }
  })
})

/** What a client can pick: prompts by name, resources and templates by a value that each would take. */
const PICKS: readonly (readonly [
  list: string,
  member: string,
  pick: (one: Picked, kind: Kind) => RpcMessage,
])[] = [
  [
    'prompts/list',
    'prompts',
    ({ name }) => ({ method: 'prompts/get', params: { name, arguments: simplest(name) } }),
  ],
  ['resources/list', 'resources', ({ uri }) => ({ method: 'resources/read', params: { uri } })],
  [
    'resources/templates/list',
    'resourceTemplates',
    ({ uriTemplate }, { object = 'mxapiwodetail' }) => ({
      method: 'resources/read',
      params: {
        uri: uriTemplate?.replaceAll(/\{(\w+)\}/g, (_all, name) => (name === 'object' ? object : '1')),
      },
    }),
  ],
]

interface Picked {
  readonly name: string
  readonly uri?: string
  readonly uriTemplate?: string
}

const simplest = (name: string): Record<string, string> => {
  const known: Record<string, string> = { shift: 'day', week: '2026-11-30', month: '2026-10', kind: 'po' }
  const prompt = PROMPTS.find((one) => one.name === name)
  return Object.fromEntries(
    Object.keys(prompt?.arguments ?? {}).map((argument) => [argument, known[argument] ?? '100']),
  )
}

/** Let in; that there is no record of such a number is another matter. */
const isThere = ({ status, error }: Answer): boolean =>
  status === 200 && !/ is not available here|^There is no (?:prompt|resource)/.test(error?.message ?? '')

describe('resources and prompts', () => {
  let everything: ReadonlyMap<string, readonly Picked[]>
  beforeAll(async () => {
    const all = KINDS.find(({ name }) => name === 'a plan with the feature')
    if (all === undefined) throw new Error('there is no such kind')
    const ask = await askerOf(all)
    const lists = PICKS.map(
      async ([method, member]) => [method, listIn(await ask({ method }), member)] as const,
    )
    everything = new Map(await Promise.all(lists))
  })

  test.each(KINDS.map((kind) => [kind.name, kind] as const))(
    '%s can read and get exactly what is listed',
    async (_name, kind) => {
      const ask = await askerOf(kind)
      for (const [method, member, pick] of PICKS) {
        const listed = listIn(await ask({ method }), member).map(({ name }) => name)
        const there: string[] = []
        for (const one of everything.get(method) ?? [])
          if (isThere(await ask(pick(one, kind)))) there.push(one.name)
        expect(there, method).toEqual(listed)
      }
    },
  )

  test('are all seen by somebody, and not by everybody', async () => {
    expect(everything.get('prompts/list')?.length).toBe(PROMPTS.length)
    const nothing = KINDS.find(({ name }) => name === 'no scope at all')
    const ask = await askerOf(nothing ?? { name: '', scope: '' })
    expect(listIn(await ask({ method: 'prompts/list' }), 'prompts')).toEqual([])
    expect(listIn(await ask({ method: 'resources/templates/list' }), 'resourceTemplates')).toEqual([])
  })
})

const listIn = ({ result }: Answer, member: string): readonly Picked[] =>
  (result?.[member] ?? []) as readonly Picked[]

test('an address of another environment, and one for the other kind of token, take nobody in', async () => {
  const at = async (kind: Omit<Kind, 'name'>): Promise<number> =>
    (await (await askerOf({ name: '', ...kind }))({ method: 'tools/list' })).status
  expect(await at({ scope: ALL, url: '/mcp/C3c3c3c3c3c3c3c3c3c3c3' })).toBe(401)
  expect(await at({ scope: ALL, url: '/ci/mcp' })).toBe(401)
  expect(await at({ scope: ALL, url: '/mcp', token: 'ci' })).toBe(401)
})

test('there are at least twenty kinds, and no two see the same for want of a difference', () => {
  expect(KINDS.length).toBeGreaterThanOrEqual(20)
  expect(new Set(KINDS.map((kind) => JSON.stringify({ ...kind, name: '' }))).size).toBe(KINDS.length)
})
