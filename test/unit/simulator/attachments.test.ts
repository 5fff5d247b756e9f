import { describe, expect, test } from 'vitest'
import { pathOf, refusalOf, rowsIn, runningPlant, type Answered } from './running-plant.ts'

const plant = runningPlant({ rules: { maxAttachmentBytes: 1000 } })
const ORDER = 'os/mxapiwodetail/_QkVERk9SRC8xMDIy'
const PHOTO = 'not really a jpeg'
const upload = (
  headers: Record<string, string>,
  body = PHOTO,
  as = 'WILSON',
  path = ORDER,
): Promise<Answered> => plant.ask(`${path}/doclinks`, {}, { method: 'POST', headers, body, as })
const JPEG = { slug: 'photo.jpg', 'content-type': 'image/jpeg' }

describe('an attachment', () => {
  test('is uploaded as raw bytes, listed, described, downloaded and deleted', async () => {
    const sent = await upload({
      ...JPEG,
      'x-document-meta': 'FILE/Attachments',
      'x-document-description': 'Leak',
    })
    expect([sent.status, sent.text]).toEqual([201, ''])
    const path = pathOf(sent.headers['location'])
    expect(path).toMatch(/\/doclinks\/\d+$/)
    const listed = await plant.ask(`${ORDER}/doclinks`, { relativeuri: '1' })
    expect(listed.json.member[0]).toMatchObject({
      href: `oslc/${path}`,
      localref: expect.stringMatching(/doclinks\/0-\d+$/),
      describedBy: {
        fileName: 'photo.jpg',
        docType: 'Attachments',
        description: 'Leak',
        urlType: 'FILE',
        ownertable: 'WORKORDER',
        attachmentSize: PHOTO.length,
        format: { href: 'http://purl.org/NET/mediatypes/image/jpeg', label: 'image/jpeg' },
      },
    })
    const file = await plant.ask(path)
    expect([file.status, file.headers['content-type'], file.text]).toEqual([200, 'image/jpeg', PHOTO])
    expect(file.headers['link']).toBe(sent.headers['link'])
    const described = await plant.ask(pathOf(file.headers['link']))
    expect(described.json['fileName']).toBe('photo.jpg')
    const counted = await plant.ask(ORDER, { 'oslc.select': 'rel.doclinks._dbcount--ndocs' })
    expect(counted.json['ndocs']).toBe(1)
    expect((await plant.post(path, {}, { override: 'DELETE' })).status).toBe(200)
    expect((await plant.ask(path)).status).toBe(404)
  })

  test('may come in base64, with its names in base64 too, or as an address', async () => {
    const encoded = Buffer.from('übung.txt').toString('base64')
    const sent = await upload(
      { encslug: encoded, 'custom-encoding': 'base64', 'content-type': 'text/plain' },
      Buffer.from('hello').toString('base64'),
    )
    expect((await plant.ask(pathOf(sent.headers['location']))).text).toBe('hello')
    const link = await upload(
      { 'x-document-meta': 'URL/Attachments', 'content-location': 'www.example.com' },
      '',
    )
    expect(link.status).toBe(201)
    const { json } = await plant.ask(`${ORDER}/doclinks`)
    expect(json.member.map((one) => one['describedBy'])).toMatchObject([
      { fileName: 'übung.txt' },
      { fileName: 'www.example.com', urlType: 'URL' },
    ])
  })

  test('may come inside a new record', async () => {
    const entry = { urltype: 'FILE', doctype: 'Attachments', urlname: 'a.txt', documentdata: 'aGVsbG8=' }
    const { headers } = await plant.post('os/mxapiwodetail', { doclinks: [entry] })
    const { json } = await plant.ask(`${pathOf(headers['location'])}/doclinks`)
    expect((await plant.ask(pathOf(json.member[0]?.href))).text).toBe('hello')
    const before = plant.oracle.count('WORKORDER')
    expect(refusalOf(await plant.post('os/mxapiwodetail', { doclinks: [{ urlname: 'a.txt' }] }))).toEqual([
      400,
      'BMXAA4195E',
      '400',
    ])
    expect(plant.oracle.count('WORKORDER')).toBe(before)
  })

  test('that came with the plant can be read', async () => {
    const [row] = plant.oracle.rows('DOCLINKS', (one) => one['ownertable'] === 'ASSET')
    const { json } = await plant.ask(`os/mxapiasset/${String(row?.['ownerid'])}/doclinks`)
    const file = await plant.ask(pathOf(json.member[0]?.href))
    expect(file.text).toHaveLength(Number(row?.['attachmentsize']))
  })
})

describe('an attachment is refused', () => {
  test('over the limit with 413 BMXAA2249E, at the limit not', async () => {
    expect(refusalOf(await upload(JPEG, 'x'.repeat(1001)))).toEqual([413, 'BMXAA2249E', '413'])
    expect((await upload(JPEG, 'x'.repeat(1000))).status).toBe(201)
  })
  test('without a name, without the right, and where there is none', async () => {
    expect(refusalOf(await upload({ 'content-type': 'image/jpeg' }))).toEqual([400, 'BMXAA4195E', '400'])
    const [asset] = plant.oracle.rows('ASSET', (row) => row['siteid'] === 'NASHUA')
    const there = `os/mxapiasset/${String(asset?.['assetuid'])}`
    expect(refusalOf(await upload(JPEG, PHOTO, 'LIMITED', there))).toEqual([400, 'BMXAA0024E', '400'])
    expect((await plant.ask(`${ORDER}/doclinks/999999`)).status).toBe(404)
    expect((await plant.ask(`${ORDER}/doclinks/meta/999999`)).status).toBe(404)
    expect((await plant.post(`${ORDER}/doclinks`, {}, { override: 'PATCH' })).status).toBe(405)
  })
  test('of one record is not found under another', async () => {
    const sent = await upload(JPEG)
    const id = pathOf(sent.headers['location']).split('/').at(-1) ?? ''
    const [other] = plant.oracle.workOrders((row) => row['wonum'] !== '1022')
    expect(
      (await plant.ask(`os/mxapiwodetail/${String(other?.['workorderid'])}/doclinks/${id}`)).status,
    ).toBe(404)
    const list = rowsIn((await plant.ask(`${ORDER}/doclinks`)).json.member)
    expect(list.some(({ href }) => href.endsWith(`/${id}`))).toBe(true)
  })
})
