import { request } from 'undici'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Sentinel } from '../../../support/siem/sentinel.ts'
import { Splunk } from '../../../support/siem/splunk.ts'
import { readFrames, readMessage } from '../../../support/siem/syslog.ts'

/** What the other tests believe is only as good as the doubles are strict. */
const splunk = new Splunk({ token: 'T', index: 'audit', maxBytes: 2_000 })
const sentinel = new Sentinel({
  ...{
    tenantId: 't',
    clientId: 'c',
    clientSecret: 'S',
    ruleId: 'dcr-1',
    stream: 'Custom-A',
    maxBytes: 2_000,
  },
})
beforeAll(async () => {
  await splunk.server.up()
  await sentinel.server.up()
})
afterAll(async () => {
  await splunk.server.down()
  await sentinel.server.down()
})

const ID = 'i'.repeat(43)
const ENVELOPE = {
  ...{ time: 1, host: 'h', source: 's', sourcetype: 'st', index: 'audit', event: { a: 1 } },
  fields: { event_id: ID },
}
const GOOD = { authorization: 'Splunk T', 'x-splunk-request-channel': '0d9f1a1e-0000-4000-8000-000000000000' }

async function post(url: string, body: string, headers: Record<string, string>): Promise<number> {
  const { statusCode, body: answer } = await request(url, { method: 'POST', body, headers })
  await answer.dump()
  return statusCode
}

describe('the double of Splunk', () => {
  const one = JSON.stringify(ENVELOPE)
  const without = (name: string): string => JSON.stringify({ ...ENVELOPE, [name]: undefined })
  test.each<[string, string, Record<string, string>, number]>([
    ['no token', one, { ...GOOD, authorization: '' }, 401],
    ['a bearer', one, { ...GOOD, authorization: 'Bearer T' }, 401],
    ['another token', one, { ...GOOD, authorization: 'Splunk X' }, 403],
    ['no channel', one, { authorization: 'Splunk T' }, 400],
    ['an array instead of one object after the other', `[${one}]`, GOOD, 400],
    ['half an object', one.slice(0, -5), GOOD, 400],
    ['no index', without('index'), GOOD, 400],
    ['no source type', without('sourcetype'), GOOD, 400],
    ['no id', without('fields'), GOOD, 400],
    ['another index', JSON.stringify({ ...ENVELOPE, index: 'other' }), GOOD, 400],
    ['nothing', '', GOOD, 400],
    ['too much', `${one}\n`.repeat(20), GOOD, 413],
  ])('does not take %s', async (_name, body, headers, status) => {
    expect(await post(`${splunk.server.origin}/services/collector/event`, body, headers)).toBe(status)
    expect(splunk.taken).toEqual([])
  })

  test('takes what is right, and notices what comes twice', async () => {
    const url = `${splunk.server.origin}/services/collector/event`
    expect(await post(url, one, GOOD)).toBe(200)
    expect(splunk.duplicates).toEqual([])
    expect(await post(url, one, GOOD)).toBe(200)
    expect([splunk.ids(), splunk.duplicates]).toEqual([[ID], [ID]])
  })
})

describe('the double of Sentinel', () => {
  const ROW = { TimeGenerated: '2026-01-01T00:00:00Z', EventId: ID, Origin: 'mcp/mcp-1', Sequence: 1 }
  const where = (): string =>
    `${sentinel.server.origin}/dataCollectionRules/dcr-1/streams/Custom-A?api-version=2023-01-01`
  const bearer = async (): Promise<Record<string, string>> => {
    const form = 'grant_type=client_credentials&client_id=c&scope=https%3A%2F%2Fmonitor.azure.com%2F.default'
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const token = `${sentinel.server.origin}/t/oauth2/v2.0/token`
    expect(await post(token, `${form}&client_secret=wrong`, headers)).toBe(401)
    expect(await post(token, `${form}&client_secret=S`, headers)).toBe(200)
    return { authorization: `Bearer ${sentinel.tokens.at(-1)}`, 'content-type': 'application/json' }
  }

  test('takes an array of declared rows under a token, and nothing else', async () => {
    const good = await bearer()
    const rows = JSON.stringify([ROW])
    expect(await post(where(), rows, { ...good, authorization: 'Bearer other' })).toBe(401)
    expect(await post(where(), rows, { ...good, 'content-type': 'text/plain' })).toBe(415)
    expect(await post(where().replace('Custom-A', 'Custom-B'), rows, good)).toBe(404)
    expect(await post(where(), JSON.stringify(ROW), good)).toBe(400)
    expect(await post(where(), JSON.stringify([{ ...ROW, Sequence: '1' }]), good)).toBe(400)
    expect(await post(where(), JSON.stringify([{ ...ROW, Undeclared: 'x' }]), good)).toBe(400)
    expect(await post(where(), JSON.stringify(Array(30).fill(ROW)), good)).toBe(413)
    expect(sentinel.taken).toEqual([])
    expect(await post(where(), rows, good)).toBe(204)
    expect(await post(where(), rows, good)).toBe(204)
    expect([sentinel.ids(), sentinel.duplicates]).toEqual([[ID], [ID]])
  })
})

describe('the reader of syslog', () => {
  test('takes frames by their length and messages by the letter, and nothing else', () => {
    const message = '<110>1 2026-01-01T00:00:00.000Z h a p m [meta sequenceId="1"] text'
    const frame = `${message.length} ${message}`
    expect(readFrames(Buffer.from(frame + frame)).map((one) => readMessage(one).text)).toEqual([
      'text',
      'text',
    ])
    for (const bad of [`${message}\n`, `0${frame}`, frame.slice(0, -1), `${frame} `])
      expect(() => readFrames(Buffer.from(bad)), bad).toThrow(/frame at byte/)
    for (const bad of [message.replace('>1 ', '> '), message.replace('.000Z', ''), `${message}\nmore`])
      expect(() => readMessage(Buffer.from(bad)), bad).toThrow('not a message')
  })
})
