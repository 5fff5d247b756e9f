import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { eventOf, gapEvent, type Origin, type SinkEvent } from '../../../../src/audit/sinks/event.ts'
import { asCef } from '../../../../src/audit/sinks/formats/cef.ts'
import { fitted } from '../../../../src/audit/sinks/formats/fitted.ts'
import { lineIn, TEXT_FORMATS } from '../../../../src/audit/sinks/formats/formats.ts'
import { asLeef } from '../../../../src/audit/sinks/formats/leef.ts'
import { syslogFrame } from '../../../../src/audit/sinks/formats/rfc5424.ts'
import { asSentinelRow } from '../../../../src/audit/sinks/formats/sentinel-row.ts'
import type { AuditEvent } from '../../../../src/audit/event.ts'
import { recordOf } from '../../../../src/audit/record.ts'
import { nextLine } from '../../../../src/kernel/chain-link.ts'
import { aCall } from '../../../support/audit.ts'
import { readFrames, readMessage } from '../../../support/siem/syslog.ts'
import { readCef, readLeef } from '../../../support/siem/text-formats.ts'

const ORIGIN: Origin = { service: 'mcp', instance: 'mcp-1' }

/** As it comes from the log: written by the log's own code, and read back. */
function sent(bend: Partial<AuditEvent> = {}): SinkEvent {
  const body = recordOf(aCall(bend), '2026-11-22T00:00:00.000Z', () => 'HASHED')
  return eventOf(nextLine({ n: 6, hash: 'before' }, body), ORIGIN)
}
const json = (format: 'record' | 'ecs' | 'ocsf', event: SinkEvent): unknown =>
  JSON.parse(lineIn(format, event))
const call = sent()

describe('a tool call', () => {
  test('as the record itself, with its id, origin and number', () => {
    expect(json('record', call)).toEqual({
      ...{ id: call.id, origin: 'mcp/mcp-1', n: 7, timestamp: '2026-11-22T00:00:00.000Z' },
      ...{ eventType: 'mcp.call', outcome: 'success', operation: 'query_records', principal: 'user_1' },
      ...{ authMethod: 'oauth_token', resource: 'mxapiwodetail', action: 'tools/call' },
      ...{ queryParams: 'status=~HASHED&siteid=~HASHED', responseCode: 200, recordCount: 47 },
      ...{ sourceIP: '192.0.2.7', duration_ms: 23.4, userAgent: 'claude/1.0', correlationId: 'abc123' },
      ...{ masInstance: 'maximo.example.com', tool: 'query_records', tokenId: 't1' },
    })
    expect(call.id).toMatch(/^[\w-]{43}$/)
  })

  test('in the Elastic Common Schema', () => {
    expect(json('ecs', call)).toEqual({
      '@timestamp': '2026-11-22T00:00:00.000Z',
      ecs: { version: '8.11.0' },
      event: {
        ...{ id: call.id, kind: 'event', category: ['api'], type: ['info'], outcome: 'success' },
        ...{ action: 'query_records', code: 'mcp.call', module: 'maximo_mcp', dataset: 'maximo_mcp.audit' },
        ...{ provider: 'mcp/mcp-1', sequence: 7, severity: 1, duration: 23_400_000 },
      },
      service: { name: 'maximo-mcp', type: 'mcp', node: { name: 'mcp-1' } },
      user: { id: 'user_1' },
      source: { ip: '192.0.2.7', address: '192.0.2.7' },
      user_agent: { original: 'claude/1.0' },
      http: { response: { status_code: 200 } },
      destination: { domain: 'maximo.example.com', address: 'maximo.example.com' },
      maximo_mcp: {
        ...{
          outcome: 'success',
          auth_method: 'oauth_token',
          resource: 'mxapiwodetail',
          action: 'tools/call',
        },
        ...{ query_params: 'status=~HASHED&siteid=~HASHED', record_count: 47, correlation_id: 'abc123' },
        ...{ tool: 'query_records', token_id: 't1' },
      },
    })
  })

  test('in OCSF is API Activity', () => {
    expect(json('ocsf', call)).toEqual({
      metadata: {
        ...{ version: '1.4.0', uid: call.id, sequence: 7, event_code: 'mcp.call', log_name: 'audit' },
        product: { name: 'maximo-mcp', vendor_name: 'maximo-mcp', feature: { name: 'mcp' } },
        ...{
          original_time: '2026-11-22T00:00:00.000Z',
          log_provider: 'mcp/mcp-1',
          correlation_uid: 'abc123',
        },
      },
      ...{
        category_uid: 6,
        category_name: 'Application Activity',
        class_uid: 6003,
        class_name: 'API Activity',
      },
      ...{ activity_id: 99, activity_name: 'mcp.call', type_uid: 600_399, type_name: 'API Activity: Other' },
      ...{ time: 1_795_305_600_000, timezone_offset: 0, severity_id: 1, status_id: 1, status: 'Success' },
      duration: 23,
      actor: { user: { uid: 'user_1' } },
      api: { operation: 'query_records', service: { name: 'maximo-mcp mcp' }, response: { code: 200 } },
      src_endpoint: { ip: '192.0.2.7' },
      dst_endpoint: { hostname: 'maximo.example.com' },
      resources: [{ name: 'mxapiwodetail' }],
      http_request: { user_agent: 'claude/1.0' },
      http_response: { code: 200 },
      unmapped: {
        ...{ authMethod: 'oauth_token', action: 'tools/call', recordCount: 47, tool: 'query_records' },
        ...{ queryParams: 'status=~HASHED&siteid=~HASHED', tokenId: 't1' },
      },
    })
  })

  test('as CEF', () => {
    expect(lineIn('cef', call)).toBe(
      `CEF:0|maximo-mcp|maximo-mcp|1|mcp.call|query_records|1|rt=1795305600000 externalId=${call.id} ` +
        'cn3=7 cn3Label=sequence deviceExternalId=mcp/mcp-1 outcome=success suser=user_1 src=192.0.2.7 act=tools/call ' +
        'request=mxapiwodetail dhost=maximo.example.com requestClientApplication=claude/1.0 cn1=200 ' +
        'cn1Label=responseCode cn2=47 cn2Label=recordCount cfp1=23.4 cfp1Label=durationMs cs1=oauth_token ' +
        'cs1Label=authMethod cs2=query_records cs2Label=tool cs6=abc123 cs6Label=correlationId ' +
        'flexString1=status\\=~HASHED&siteid\\=~HASHED flexString1Label=queryParams tokenId=t1',
    )
  })

  test('as LEEF 2.0', () => {
    expect(lineIn('leef', call)).toBe(
      'LEEF:2.0|maximo-mcp|maximo-mcp|1|mcp.call|^|devTime=1795305600000^sev=1^cat=success^usrName=user_1^' +
        `src=192.0.2.7^resource=mxapiwodetail^eventUid=${call.id}^sequence=7^origin=mcp/mcp-1^` +
        'operation=query_records^authMethod=oauth_token^action=tools/call^queryParams=status=~HASHED&siteid=~HASHED^responseCode=200^' +
        'recordCount=47^duration_ms=23.4^userAgent=claude/1.0^correlationId=abc123^masInstance=maximo.example.com^' +
        'tool=query_records^tokenId=t1',
    )
  })

  test('as a row of Sentinel', () => {
    expect(asSentinelRow(call)).toEqual({
      ...{ TimeGenerated: '2026-11-22T00:00:00.000Z', EventId: call.id, Origin: 'mcp/mcp-1', Sequence: 7 },
      ...{ EventType: 'mcp.call', Outcome: 'success', Operation: 'query_records', Principal: 'user_1' },
      ...{ AuthMethod: 'oauth_token', Resource: 'mxapiwodetail', Action: 'tools/call', ResponseCode: 200 },
      ...{ QueryParams: 'status=~HASHED&siteid=~HASHED', RecordCount: 47, SourceIP: '192.0.2.7' },
      ...{ DurationMs: 23.4, UserAgent: 'claude/1.0', CorrelationId: 'abc123', Tool: 'query_records' },
      ...{ MasInstance: 'maximo.example.com', TokenId: 't1' },
    })
  })

  test('framed for syslog', () => {
    const frame = syslogFrame(call, 'text', 'host.example').toString()
    const message =
      '<110>1 2026-11-22T00:00:00.000Z host.example maximo-mcp mcp-1 mcp.call [meta sequenceId="7"] text'
    expect(frame).toBe(`${message.length} ${message}`)
  })
})

describe('what is not a call', () => {
  test('a sign-in and a refused credential are authentications, everywhere', () => {
    const signIn = sent({ eventType: 'sign_in' })
    const refused = sent({
      eventType: 'auth.attempt',
      outcome: 'refused',
      principal: null,
      reason: 'token_expired',
    })
    expect(json('ocsf', signIn)).toMatchObject({
      class_uid: 3002,
      type_uid: 300_201,
      user: { uid: 'user_1' },
    })
    expect(json('ocsf', refused)).toMatchObject({
      ...{ class_uid: 3002, activity_id: 1, status_id: 2, status_detail: 'token_expired', severity_id: 3 },
      ...{ user: { name: 'unknown', type_id: 0 }, service: { name: 'maximo-mcp mcp' } },
    })
    expect(json('ecs', refused)).toMatchObject({
      event: { category: ['authentication'], type: ['start'], outcome: 'failure', reason: 'token_expired' },
    })
    expect(json('ocsf', sent({ eventType: 'sign_out' }))).toMatchObject({ type_uid: 300_202 })
    expect(lineIn('leef', signIn)).toContain('^isLoginEvent=true^')
    expect(lineIn('leef', refused)).toMatch(/\|auth\.attempt\|\^\|devTime=\d+\^sev=5\^cat=refused\^/)
  })

  test('a write is an update whose intent is neither success nor failure', () => {
    const intent = sent({ eventType: 'maximo.write', outcome: 'intent', sourceIP: null, principal: null })
    expect(json('ocsf', intent)).toMatchObject({
      ...{ type_uid: 600_303, status_id: 99, status: 'intent', actor: { app_name: 'maximo-mcp' } },
      src_endpoint: { name: 'maximo-mcp mcp', uid: 'mcp-1' },
    })
    expect(json('ecs', intent)).toMatchObject({
      event: { outcome: 'unknown', category: ['api'], type: ['change'] },
    })
  })

  test('what was noticed matters as much as its rule says, and what became of it does not', () => {
    const noticed = ['medium', 'high', 'critical'].map((reason) =>
      sent({ eventType: 'detection.raised', reason }),
    )
    expect(noticed.map((event) => /\^sev=(\d+)\^/.exec(lineIn('leef', event))?.[1])).toEqual(['5', '8', '10'])
    expect(lineIn('leef', sent({ eventType: 'detection.settled' }))).toContain('^sev=1^')
  })

  test('a network stands where no format demands an address', () => {
    for (const network of ['192.0.2.0/24', '2001:db8::/64', 'unknown']) {
      const event = sent({ sourceIP: network, principal: null })
      expect(json('record', event)).toMatchObject({ sourceIP: network })
      expect(json('ecs', event)).not.toHaveProperty('source')
      expect(json('ecs', event)).toMatchObject({ maximo_mcp: { source_network: network } })
      expect(json('ocsf', event)).toMatchObject({
        ...{ src_endpoint: { name: network }, unmapped: { sourceNetwork: network } },
      })
      for (const format of ['cef', 'leef'] as const) {
        expect(lineIn(format, event)).toContain(`sourceNetwork=${network}`)
        expect(lineIn(format, event)).not.toMatch(/\bsrc=/)
      }
    }
  })

  test('a gap says which records are missing, with an id that is always the same', () => {
    const gap = gapEvent({ from: 3, to: 9 }, ORIGIN, 1_795_305_600_000)
    expect(json('record', gap)).toMatchObject({
      ...{ eventType: 'audit.gap', outcome: 'failed', n: 9, gapFrom: 3, gapTo: 9, recordCount: 7 },
      resource: 'mcp/mcp-1',
    })
    expect(gapEvent({ from: 3, to: 9 }, ORIGIN, 1).id).toBe(gap.id)
    expect(gapEvent({ from: 3, to: 8 }, ORIGIN, 1).id).not.toBe(gap.id)
    expect(lineIn('cef', gap)).toContain('|audit.gap|audit.gap|8|')
  })
})

/** Everything that ends a value, a record or a line somewhere, and what hides. */
const HOSTILE = [
  ...['\n', '\r', '\t', '\0', '\u001b[2J', '|', '=', '\\', '^', '"', ']', '\\n', '\\u005e', ' src=1.2.3.4'],
  ...['\u202e', '\u2066', '\u200b', '\u2028', '\u0085', '\ufeff', '\ud800', '\u{e0041}', 'é', '漢', '🛠️'],
  ...['\n{"level":50}', 'LEEF:2.0|', 'CEF:0|', '\r\n<13>1 '],
]
const hostile = fc
  .array(fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary', maxLength: 5 })), {
    maxLength: 12,
  })
  .map((parts) => parts.join(''))
const hostileEvent = fc
  .record({ principal: hostile, userAgent: hostile, resource: hostile, operation: hostile, reason: hostile })
  .map((bend) => ({ bend, event: { ...call, record: { ...call.record, ...bend } } }))

/** Nothing that a terminal, a line reader or a person stumbles over. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u

describe('whatever a client writes', () => {
  test('what CEF says is what the record said', () => {
    fc.assert(
      fc.property(hostileEvent, ({ bend, event }) => {
        const { header, extension } = readCef(asCef(event))
        expect(header[5]).toBe(bend.operation)
        expect(extension.get('suser')).toBe(bend.principal)
        expect(extension.get('requestClientApplication')).toBe(bend.userAgent)
        expect(extension.get('request')).toBe(bend.resource)
        expect(extension.get('reason')).toBe(bend.reason)
        expect(extension.get('externalId')).toBe(call.id)
      }),
    )
  })

  test('what LEEF says is what the record said', () => {
    fc.assert(
      fc.property(hostileEvent, ({ bend, event }) => {
        const { header, attributes } = readLeef(asLeef(event))
        expect(header).toEqual(['LEEF:2.0', 'maximo-mcp', 'maximo-mcp', '1', 'mcp.call', '^'])
        expect(attributes.get('usrName')).toBe(bend.principal)
        expect(attributes.get('userAgent')).toBe(bend.userAgent)
        expect(attributes.get('resource')).toBe(bend.resource)
        expect(attributes.get('operation')).toBe(bend.operation)
        expect(attributes.get('eventUid')).toBe(call.id)
      }),
    )
  })

  test('what JSON says is what the record said', () => {
    fc.assert(
      fc.property(hostileEvent, ({ bend, event }) => {
        expect(json('record', event)).toMatchObject(bend)
        const { reason, operation: action } = bend
        expect(json('ecs', event)).toMatchObject({ event: { reason, action } })
        expect(json('ocsf', event)).toMatchObject({
          status_detail: reason,
          actor: { user: { uid: bend.principal } },
        })
      }),
    )
  })

  test('one record is one line without anything hidden, and one frame of one message, in every format', () => {
    fc.assert(
      fc.property(hostileEvent, fc.constantFrom(...TEXT_FORMATS), ({ event }, format) => {
        const line = lineIn(format, event)
        expect(line).not.toMatch(HIDDEN)
        const frames = readFrames(syslogFrame(event, line, 'host'))
        expect(frames.map((frame) => readMessage(frame).text)).toEqual([line])
      }),
    )
  })

  test('a message that is too long is cut to its room, still readable, and leads to the whole record', () => {
    const long = fc.string({
      unit: fc.constantFrom('a', '\n', '\\', '^', '=', '漢', '🛠️'),
      minLength: 300,
      maxLength: 900,
    })
    const encode = (format: 'cef' | 'leef') => (event: SinkEvent) => Buffer.from(lineIn(format, event))
    fc.assert(
      fc.property(long, fc.integer({ min: 2_048, max: 6_000 }), (text, room) => {
        const names = [
          'principal',
          'userAgent',
          'resource',
          'operation',
          'reason',
          'tokenId',
          'grantId',
          'tool',
        ]
        const record = { ...call.record, ...Object.fromEntries(names.map((name) => [name, text])) }
        const event = { ...call, record }
        const cef = fitted(event, encode('cef'), room)
        expect(cef.length).toBeLessThanOrEqual(room)
        const { extension } = readCef(cef.toString())
        expect(extension.get('externalId')).toBe(call.id)
        expect(extension.get('truncated')).toBe('true')
        const leef = fitted(event, encode('leef'), room)
        expect(leef.length).toBeLessThanOrEqual(room)
        expect(readLeef(leef.toString()).attributes.get('eventUid')).toBe(call.id)
      }),
      { numRuns: 30 },
    )
    expect(fitted(call, encode('cef'), 2_048).toString()).not.toContain('truncated')
  })
})
