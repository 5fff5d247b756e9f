import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PROBE } from '../../support/wire/probe.ts'
import { aReceipt } from '../../support/crypto/token-workshop.ts'
import { openPlantDoor, type PlantDoor } from '../../support/maximo/plant-door.ts'
import { aReader, type Reader } from '../../support/mcp/resource-reader.ts'

const ENV = aReceipt().env

let plant: PlantDoor
let planner: Reader
beforeAll(async () => {
  plant = await openPlantDoor()
  planner = await aReader(plant)
})
afterAll(() => plant.close())

const bodyOf = async (reader: Reader, path: string): Promise<Record<string, unknown>> => {
  const { contents } = await reader.read(`maximo://${ENV}/${path}`)
  expect(contents).toHaveLength(1)
  return JSON.parse(contents[0]?.text ?? '') as Record<string, unknown>
}

describe('the lists', () => {
  test('name guides by their address in this environment, and templates of it', async () => {
    const { resources } = await planner.ask('resources/list')
    expect(resources).toContainEqual({
      uri: `maximo://${ENV}/guide/query-language`,
      name: 'guide_query_language',
      title: 'Filters',
      description: expect.any(String) as string,
      mimeType: 'text/markdown',
    })
    const { resourceTemplates } = await planner.ask('resources/templates/list')
    expect((resourceTemplates as { uriTemplate: string }[]).map(({ uriTemplate }) => uriTemplate)).toEqual(
      [
        'schema/{object}',
        'domain/{id}',
        'status/{object}',
        'record/{object}/{key}',
        'attachment/{object}/{key}/{attachment}',
        'export/{id}',
        'export/{id}/{part}',
        'change/{id}',
      ].map((path) => `maximo://${ENV}/${path}`),
    )
  })
})

describe('reading', () => {
  test('a schema whole, with the domain of each field', async () => {
    const schema = await bodyOf(planner, 'schema/mxapiwodetail')
    expect(schema).toMatchObject({
      env_id: ENV,
      object: 'mxapiwodetail',
      key: 'siteid/wonum',
      complete: true,
    })
    expect((schema['fields'] as unknown[][]).find(([name]) => name === 'status')?.[3]).toBe('WOSTATUS')
  })

  test('a record by its key', async () => {
    const { body } = await plant.ask('search_work_orders', { limit: 1 })
    const wonum = String((body['rows'] as unknown[][])[0]?.[0])
    const record = await bodyOf(planner, `record/mxapiwodetail/BEDFORD%2F${wonum}`)
    expect(record['record']).toMatchObject({ wonum, siteid: 'BEDFORD' })
    expect(record['untrusted']).toContain('description')
  })

  test('a domain, with the values that rules look at; none of a domain that is not there', async () => {
    const domain = await bodyOf(planner, 'domain/wostatus')
    expect(domain).toMatchObject({ complete: true, untrusted: ['description'] })
    expect(domain['rows']).toContainEqual(expect.arrayContaining(['WPCOND', 'APPR']))
    const { error } = await planner.send('resources/read', { uri: `maximo://${ENV}/domain/NOSUCH` })
    expect(error?.message).toMatch(/^not_found: There is no domain "NOSUCH"/)
  })

  test('the statuses of an object, with the states that the tools know', async () => {
    const { cols, rows } = await bodyOf(planner, 'status/mxapiwodetail')
    const means = (cols as string[]).indexOf('means')
    const of = (status: string): unknown => (rows as unknown[][]).find(([value]) => value === status)?.[means]
    expect(of('COMP')).toEqual(['completed'])
    expect(of('WAPPR')).toEqual(['open', 'waiting', 'overdue'])
    const { error } = await planner.send('resources/read', { uri: `maximo://${ENV}/status/mxapiperson` })
    expect(error?.message).toMatch(/^not_found: |^unknown_object: /)
  })

  test('the older era gets the same without what it does not know', async () => {
    const legacy = await aReader(plant, { era: 'legacy' })
    const uri = `maximo://${ENV}/schema/mxapiasset`
    const [older, newer] = [
      await legacy.ask('resources/read', { uri }),
      await planner.ask('resources/read', { uri }),
    ]
    expect(older['contents']).toEqual(newer['contents'])
    expect(Object.keys(older)).toEqual(['contents'])
    expect(newer).toMatchObject({ ttlMs: 600_000, cacheScope: 'private', resultType: 'complete' })
  })
})

/** Attaches a file to an asset, as another client would. */
async function upload({
  slug,
  type,
  content,
}: {
  slug: string
  type: string
  content: string
}): Promise<{ uri: string }> {
  const { baseUrl, accounts, plant: built } = plant.simulator
  const asset = built.rows('ASSET').find(({ siteid }) => siteid === 'BEDFORD')
  const number = String(asset?.['assetnum'])
  const { body } = await plant.ask('get_record', { object: 'mxapiasset', id: `BEDFORD/${number}` })
  const id = String(body['id'])
  const headers = { ...PROBE, apikey: accounts.of('planner@example.com').apiKey }
  const response = await fetch(`${baseUrl}/api/os/mxapiasset/${id}/doclinks?lean=1`, {
    method: 'POST',
    headers: { ...headers, slug, 'content-type': type, 'x-document-meta': 'FILE/Attachments' },
    body: content,
  })
  const attachment = /\d+$/.exec(response.headers.get('location') ?? '')?.[0]
  if (attachment === undefined) throw new Error(`not attached: ${response.status} ${await response.text()}`)
  return { uri: `maximo://${ENV}/attachment/mxapiasset/BEDFORD%2F${number}/${attachment}` }
}

describe('a file at a record', () => {
  const ownerOf = (): string => {
    const [link] = plant.simulator.plant.rows('DOCLINKS').filter(({ ownertable }) => ownertable === 'ASSET')
    const asset = plant.simulator.plant.find('ASSET', 'assetuid', Number(link?.['ownerid']))[0]
    return `BEDFORD%2F${String(asset?.['assetnum'])}`
  }

  test('comes after its facts, marked as from outside', async () => {
    const key = ownerOf()
    const { body } = await plant.ask('call_read_tool', {
      tool: 'list_attachments',
      arguments: { object: 'mxapiasset', id: decodeURIComponent(key) },
    })
    const kind = (body['cols'] as string[]).indexOf('kind')
    const files = (body['rows'] as unknown[][]).filter((row) => row[kind] === 'file')
    expect(files.length).toBeGreaterThan(0)
    for (const [id] of files) {
      const { contents } = await planner.read(`maximo://${ENV}/attachment/mxapiasset/${key}/${String(id)}`)
      const [head, file] = contents
      const facts = JSON.parse(head?.text ?? '') as { attachment: { bytes: number }; untrusted: string[] }
      expect(facts.untrusted).toContain('the whole file')
      const bytes =
        file?.blob === undefined ? Buffer.from(file?.text ?? '') : Buffer.from(file.blob, 'base64')
      expect(bytes.length).toBe(facts.attachment.bytes)
      expect(file?.mimeType).not.toMatch(/html|svg|script/)
    }
  })

  test.each([
    ['a page', 'x.html', 'text/html', '<script>alert(1)</script>', 'text/plain', 'text'],
    ['a drawing that runs', 'x.svg', 'image/svg+xml', '<svg onload="alert(1)"/>', 'text/plain', 'text'],
    ['a page that calls itself text', 'x.html', 'text/plain', '<b>hello</b>', 'text/plain', 'text'],
    ['a type that nobody knows', 'x.bin', 'application/x-thing', 'bytes', 'application/octet-stream', 'blob'],
    ['an image', 'x.png', 'image/png', 'bytes', 'image/png', 'blob'],
    ['text with a mark that reverses', 'x.txt', 'text/plain', 'a\u202eb', 'text/plain', 'text'],
  ])('%s is given as what no client runs', async (_name, slug, sent, content, mimeType, form) => {
    const asset = await upload({ slug, type: sent, content })
    const { contents } = await planner.read(asset.uri)
    const [, file] = contents
    expect(file?.mimeType).toBe(mimeType)
    if (form === 'text') expect(file?.text).toBe(content.replace('\u202e', '⟦U+202E⟧'))
    else expect(Buffer.from(file?.blob ?? '', 'base64').toString()).toBe(content)
  })

  test('that is larger than is given is refused', async () => {
    const { uri } = await upload({ slug: 'x.bin', type: 'image/png', content: 'x'.repeat(3_000_001) })
    const { error } = await planner.send('resources/read', { uri })
    expect(error?.message).toMatch(/^too_large: The file has more than 3000000 bytes/)
  })

  test('that is not there is said not to be', async () => {
    const uri = `maximo://${ENV}/attachment/mxapiasset/${ownerOf()}/987654`
    const { error } = await planner.send('resources/read', { uri })
    expect(error).toMatchObject({ code: -32602, data: { uri } })
    expect(error?.message).toMatch(/^not_found: There is no attachment 987654/)
  })
})

describe('a change', () => {
  test('is read by whoever planned it and by nobody else', async () => {
    const wish = { scope: 'maximo:write offline_access' }
    const writer = await aReader(plant, { wish })
    const asset = plant.simulator.plant.rows('ASSET').find(({ siteid }) => siteid === 'BEDFORD')
    const { content } = await writer.ask('tools/call', {
      name: 'plan_change',
      arguments: {
        operations: [
          {
            ...{ op: 'update', object: 'mxapiasset', id: `BEDFORD/${String(asset?.['assetnum'])}` },
            values: { description: 'Another name' },
          },
        ],
        reason: 'because a test wants to read it',
      },
    })
    const text = (content as { text: string }[])[0]?.text ?? ''
    const { change_id: id } = JSON.parse(text) as { change_id: string }
    const uri = `maximo://${ENV}/change/${id}`
    expect((await writer.read(uri)).contents[0]?.text).toContain('Another name')
    const proposed = await writer.ask('completion/complete', {
      ref: { type: 'ref/resource', uri: `maximo://${ENV}/change/{id}` },
      argument: { name: 'id', value: '' },
    })
    expect(proposed['completion']).toMatchObject({ values: [id] })
    for (const other of [planner, await aReader(plant, { account: 'technician@example.com', wish })]) {
      const { error } = await other.send('resources/read', { uri })
      expect(error?.message).toMatch(/^not_found: /)
      const none = await other.ask('completion/complete', {
        ref: { type: 'ref/resource', uri: `maximo://${ENV}/change/{id}` },
        argument: { name: 'id', value: '' },
      })
      expect(none['completion']).toMatchObject({ values: [], total: 0 })
    }
  })
})

describe('admission', () => {
  test('a missing scope is 403 with the scope that would do, and Maximo hears nothing', async () => {
    const none = await aReader(plant, { wish: { scope: 'offline_access' } })
    const before = plant.simulator.requests()
    const { status, headers, error } = await none.send('resources/read', {
      uri: `maximo://${ENV}/schema/mxapiasset`,
    })
    expect(status).toBe(403)
    expect(headers['www-authenticate']).toContain('scope="maximo:read"')
    expect(error?.data).toMatchObject({ reason: 'insufficient_scope' })
    expect(plant.simulator.requests()).toBe(before)
    expect(plant.door.events.at(-1)).toMatchObject({
      ...{
        eventType: 'auth.attempt',
        outcome: 'refused',
        operation: 'resources/read',
        tool: 'describe_object',
      },
    })
    // A call that the SDK answers, for what it has besides, is refused the same way, and admitted once.
    const before403 = plant.door.events.length
    const unusual = { name: 'describe_object', arguments: {}, extra: 1 }
    expect((await none.send('tools/call', unusual)).status).toBe(403)
    expect(plant.door.events.length).toBe(before403 + 1)
    expect((await planner.ask('tools/call', unusual))['content']).toHaveLength(1)
    expect(plant.door.events.length).toBe(before403 + 2)
    // A guide asks for nothing of Maximo, and is there for everybody.
    expect((await none.read(`maximo://${ENV}/guide/errors`)).contents[0]?.text).toMatch(/^# Errors\n/)
  })

  test('an object outside the rules of the token is refused by name', async () => {
    const narrow = await aReader(plant, { wish: { receipt: { obj: 'MXAPIASSET:r' } } })
    const { status, error } = await narrow.send('resources/read', {
      uri: `maximo://${ENV}/record/mxapipo/BEDFORD%2F1`,
    })
    expect([status, error?.data]).toMatchObject([403, { reason: 'object_refused', object: 'MXAPIPO' }])
    expect((await narrow.send('resources/read', { uri: `maximo://${ENV}/schema/mxapiasset` })).status).toBe(
      200,
    )
  })

  test('a revoked token is 401, whatever it reads', async () => {
    const gone = await aReader(plant, { wish: { subject: 'user_gone' } })
    await plant.door.revokeUser('user_gone')
    for (const path of ['guide/errors', 'schema/mxapiasset', 'nothing/here'])
      expect((await gone.send('resources/read', { uri: `maximo://${ENV}/${path}` })).status).toBe(401)
  })

  test('an address that leaves the tool out leaves the resource out', async () => {
    const narrow = await aReader(plant, { url: '/mcp?toolsets=work' })
    const { error } = await narrow.send('resources/read', { uri: `maximo://${ENV}/schema/mxapiasset` })
    expect(error?.message).toMatch(
      /^not_found: The resource "schema" is not available here\.\nWhy: The address/,
    )
  })

  test('each reading is one record and one admission', async () => {
    const before = plant.door.events.length
    await planner.read(`maximo://${ENV}/schema/mxapiasset`)
    const events = plant.door.events.slice(before)
    expect(events).toMatchObject([
      {
        ...{
          eventType: 'mcp.call',
          action: 'resources/read',
          operation: 'describe_object',
          outcome: 'success',
        },
        ...{ resource: 'MXAPIASSET', tool: 'describe_object', environmentId: ENV },
      },
    ])
  })
})
