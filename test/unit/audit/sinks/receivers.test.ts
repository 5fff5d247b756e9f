import { readFileSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openReceiver } from '../../../../src/audit/sinks/open-receiver.ts'
import { sinksFile } from '../../../../src/audit/sinks/config.ts'
import type { Receiver } from '../../../../src/audit/sinks/sink.ts'
import { initTls } from '../../../../src/crypto/keys/tls-ceremony.ts'
import { manualClock } from '../../../support/clock.ts'
import { scratchFolder } from '../../../support/folder.ts'
import { aBatch } from '../../../support/siem/batch.ts'
import type { HttpServer } from '../../../support/siem/http-server.ts'
import { type Said } from '../../../support/siem/http-server.ts'
import { Sentinel } from '../../../support/siem/sentinel.ts'
import { Splunk, type SplunkOptions } from '../../../support/siem/splunk.ts'
import { SyslogServer } from '../../../support/siem/syslog.ts'
import { Webhook } from '../../../support/siem/webhook.ts'
import { certificate } from '../../maximo/support/certificates.ts'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})
let clock = manualClock()
beforeEach(() => {
  clock = manualClock()
})

/** As the operator's file and the variables have it. */
function receiverOf(sink: object, env: Record<string, string> = {}): Receiver {
  const [config] = sinksFile.parse({ sinks: [{ name: 'siem', ...sink }] }).sinks
  if (config === undefined) throw new Error('no sink')
  const wait = (): Promise<void> => Promise.resolve()
  const stdout = { write: () => true, on: () => undefined, off: () => undefined }
  const receiver = openReceiver(config, { env, stdout, clock, wait })
  closing.push(() => receiver.close())
  return receiver
}

const deliver = (receiver: Receiver, count?: number): ReturnType<Receiver['deliver']> =>
  receiver.deliver(aBatch(receiver, count), new AbortController().signal)

async function up<T extends { readonly server: HttpServer }>(double: T): Promise<T> {
  await double.server.up()
  closing.push(() => double.server.down())
  return double
}

describe('Splunk', () => {
  const open = async (
    options: Partial<SplunkOptions> = {},
    sink: object = {},
    token = 'T',
  ): Promise<[Splunk, Receiver]> => {
    const splunk = await up(new Splunk({ token: 'T', index: 'audit', ...options }))
    const settings = { type: 'splunk_hec', url: splunk.server.origin, token: { env: 'HEC' }, index: 'audit' }
    return [splunk, receiverOf({ ...settings, ...sink }, { HEC: token })]
  }

  test('takes a batch with channel, index, source type and indexed id', async () => {
    const [splunk, receiver] = await open()
    expect(await deliver(receiver)).toEqual({ ok: true })
    expect(splunk.taken).toHaveLength(3)
    expect(splunk.taken[0]).toMatchObject({
      ...{
        time: 1_795_305_600,
        source: 'maximo-mcp:mcp/mcp-1',
        sourcetype: 'maximo_mcp:audit',
        index: 'audit',
      },
      event: { n: 1, eventType: 'mcp.call' },
    })
  })

  test.each<[string, Partial<SplunkOptions>, object, string, object]>([
    [
      'the wrong token',
      {},
      {},
      'other',
      { reason: 'unauthorized', detail: 'HTTP 403, the token is not known' },
    ],
    [
      ...(['the wrong index', {}, { index: 'other' }, 'T'] as const),
      { reason: 'refused', detail: 'HTTP 400, the token may not write to this index' },
    ],
    ['a batch that is too large', { maxBytes: 500 }, {}, 'T', { reason: 'too_large', detail: 'HTTP 413' }],
    [
      ...(['acknowledgement that is not switched on', {}, { acknowledge: true }, 'T'] as const),
      { reason: 'refused', detail: 'no ackId: indexer acknowledgement is not switched on for the token' },
    ],
    [
      ...(['what the indexers never got', { acknowledgedAfter: -1 }, { acknowledge: true }, 'T'] as const),
      { reason: 'unacknowledged', detail: 'not indexed within 120 s' },
    ],
  ])('says that it did not take it: %s', async (_name, options, sink, token, failure) => {
    const [splunk, receiver] = await open(options, sink, token)
    expect(await deliver(receiver)).toMatchObject({ ok: false, ...failure })
    expect(splunk.duplicates).toEqual([])
  })

  test('that is busy is left alone for as long as it says', async () => {
    const [splunk, receiver] = await open()
    splunk.moods.push({ status: 503, headers: { 'retry-after': '120' }, body: '{"code":9}' })
    expect(await deliver(receiver)).toEqual({
      ...{ ok: false, reason: 'busy', detail: 'HTTP 503, the collector is busy', retryAfterMs: 120_000 },
    })
  })

  test('that leads elsewhere is not followed, and what it says is not repeated', async () => {
    const [splunk, receiver] = await open()
    splunk.moods.push({
      status: 307,
      headers: { location: `${splunk.server.origin}/services/collector/event` },
    })
    expect(await deliver(receiver)).toMatchObject({ reason: 'refused', detail: 'HTTP 307' })
    splunk.moods.push({ status: 400, body: '{"code":99,"text":"EVIL"}' })
    expect(JSON.stringify(await deliver(receiver))).not.toContain('EVIL')
    expect(splunk.taken).toEqual([])
  })

  test('is given a new token out of its file without a restart; a file that is gone is waited for', async () => {
    const file = join(await scratchFolder(), 'token')
    await writeFile(file, 'old\n')
    const [splunk, receiver] = await open({}, { token: { file } })
    expect(await deliver(receiver)).toMatchObject({ reason: 'unauthorized' })
    await rm(file)
    expect(await deliver(receiver)).toMatchObject({
      reason: 'secret_unreadable',
      detail: expect.stringContaining(file),
    })
    await writeFile(file, 'T\n')
    expect(await deliver(receiver)).toEqual({ ok: true })
    expect(splunk.taken).toHaveLength(3)
  })
})

describe('Sentinel', () => {
  const RULE = { tenantId: 'tenant', clientId: 'client', ruleId: 'dcr-1', stream: 'Custom-Audit' }
  const open = async (
    maxBytes?: number,
    secret = 'S',
    stream = 'Custom-Audit',
  ): Promise<[Sentinel, Receiver]> => {
    const limits = maxBytes === undefined ? {} : { maxBytes }
    const sentinel = await up(new Sentinel({ ...RULE, clientSecret: 'S', ...limits }))
    const { origin } = sentinel.server
    const where = { endpoint: origin, authority: origin, clientSecret: { env: 'ENTRA' }, stream }
    return [sentinel, receiverOf({ type: 'sentinel', ...RULE, ...where }, { ENTRA: secret })]
  }

  test('takes rows that its stream declares, compressed, under one token until that ends', async () => {
    const [sentinel, receiver] = await open()
    expect(await deliver(receiver)).toEqual({ ok: true })
    expect(sentinel.taken.map(({ Sequence }) => Sequence)).toEqual([1, 2, 3])
    clock.advance(3_000_000)
    await deliver(receiver)
    expect(sentinel.tokens).toHaveLength(1)
    clock.advance(300_000)
    await deliver(receiver)
    expect(sentinel.tokens).toHaveLength(2)
    expect(sentinel.duplicates).toHaveLength(6)
  })

  test('asks for a new token when one is refused', async () => {
    const [sentinel, receiver] = await open()
    await deliver(receiver)
    sentinel.tokens.push('another')
    expect(await deliver(receiver)).toMatchObject({ reason: 'unauthorized', detail: 'HTTP 401' })
    expect(await deliver(receiver)).toEqual({ ok: true })
  })

  test.each<[string, Parameters<typeof open>, Said | null, object]>([
    ['the wrong secret', [undefined, 'wrong'], null, { reason: 'unauthorized', detail: 'Entra: HTTP 401' }],
    ['an unknown stream', [undefined, 'S', 'Custom-Other'], null, { reason: 'refused', detail: 'HTTP 404' }],
    ['a batch that is too large', [700], null, { reason: 'too_large' }],
    [
      ...(['too many calls', []] as [string, Parameters<typeof open>]),
      { status: 429, headers: { 'retry-after': '30' } },
      { reason: 'busy', retryAfterMs: 30_000 },
    ],
  ])('says that it did not take it: %s', async (_name, given, mood, failure) => {
    const [sentinel, receiver] = await open(...given)
    if (mood !== null) sentinel.moods.push(mood)
    expect(await deliver(receiver)).toMatchObject({ ok: false, ...failure })
    expect(sentinel.taken).toEqual([])
  })
})

describe('a webhook', () => {
  const key = (fill: number): string => `whsec_${Buffer.alloc(32, fill).toString('base64')}`
  const open = async (expected: number, secrets: Record<string, string>): Promise<[Webhook, Receiver]> => {
    const hook = await up(new Webhook({ hmac: Buffer.alloc(32, expected) }, () => clock.nowMs()))
    const named = Object.keys(secrets).map((env) => ({ env }))
    return [
      hook,
      receiverOf({ type: 'webhook', url: `${hook.server.origin}/hook?team=7`, secrets: named }, secrets),
    ]
  }

  test('is signed under the old and the new secret while one is replaced', async () => {
    const [hook, receiver] = await open(2, { OLD: key(1), NEW: key(2) })
    expect(await deliver(receiver)).toEqual({ ok: true })
    clock.advance(3_600_000)
    expect(await deliver(receiver)).toEqual({ ok: true })
    expect(hook.taken.map(({ n }) => n)).toEqual([1, 2, 3])
    expect(hook.duplicates).toHaveLength(3)
    expect(new Set(hook.messages).size).toBe(1)
  })

  test('is refused under another secret, and not signed with what is none', async () => {
    const [, receiver] = await open(2, { OLD: key(1) })
    expect(await deliver(receiver)).toMatchObject({ reason: 'unauthorized' })
    const [hook, unsigned] = await open(2, { OLD: 'whsec_c2hvcnQ=' })
    expect(await deliver(unsigned)).toMatchObject({ reason: 'secret_unreadable' })
    expect(hook.taken).toEqual([])
  })
})

describe('the line', () => {
  let tls: { authority: string; key: Buffer; cert: Buffer }
  beforeAll(async () => {
    const made = await initTls(join(await scratchFolder(), 'data'), { hosts: [] })
    if (!made.ok) throw new Error(made.error)
    const { authority, key, certificate: cert } = made.value
    const folder = process.env['TMPDIR'] ?? '/tmp'
    const kept = join(folder, `siem-ca-${process.pid}.pem`)
    await writeFile(kept, readFileSync(authority))
    tls = { authority: kept, key: readFileSync(key), cert: readFileSync(cert) }
    return () => rm(kept)
  })

  const splunkOver = async (caFile?: string): Promise<[Splunk, Receiver]> => {
    const splunk = await up(new Splunk({ token: 'T', index: 'audit', tls }))
    const trust = caFile === undefined ? {} : { caFile }
    const sink = {
      type: 'splunk_hec',
      url: splunk.server.origin,
      token: { env: 'HEC' },
      index: 'audit',
      ...trust,
    }
    return [splunk, receiverOf(sink, { HEC: 'T' })]
  }

  test('is trusted by the operator’s own authority, and by nothing less', async () => {
    const [trusted, receiver] = await splunkOver(tls.authority)
    expect(await deliver(receiver)).toEqual({ ok: true })
    expect(trusted.taken).toHaveLength(3)
    const [untrusted, other] = await splunkOver()
    expect(await deliver(other)).toMatchObject({
      reason: 'unreachable',
      detail: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    })
    expect(untrusted.bodies).toEqual([])
  })

  test('is not spoken over when the certificate is another host’s: https and syslog', async () => {
    const foreign = certificate('20200101000000Z', '20990101000000Z')
    const ca = join(await scratchFolder(), 'foreign.pem')
    await writeFile(ca, foreign.cert)
    const pair = { key: Buffer.from(foreign.key), cert: Buffer.from(foreign.cert) }
    const splunk = await up(new Splunk({ token: 'T', index: 'audit', tls: pair }))
    const { origin } = splunk.server
    const sink = { type: 'splunk_hec', url: origin, token: { env: 'HEC' }, index: 'audit', caFile: ca }
    const refusal = { reason: 'unreachable', detail: 'ERR_TLS_CERT_ALTNAME_INVALID' }
    expect(await deliver(receiverOf(sink, { HEC: 'T' }))).toMatchObject(refusal)
    expect(splunk.bodies).toEqual([])
    const server = await new SyslogServer(pair).up()
    closing.push(() => server.down())
    const plain = { type: 'syslog', host: '127.0.0.1', port: server.port, format: 'cef', caFile: ca }
    expect(await deliver(receiverOf(plain))).toMatchObject(refusal)
    expect(server.messages).toEqual([])
  })

  test('syslog that breaks off before the receiver has read to the end counts as not taken', async () => {
    const server = await new SyslogServer(tls).up()
    closing.push(() => server.down())
    const receiver = receiverOf({
      ...{ type: 'syslog', host: 'localhost', port: server.port, format: 'cef', caFile: tls.authority },
    })
    server.cuts = 1
    expect(await deliver(receiver)).toMatchObject({ ok: false, reason: 'unreachable' })
    expect(await deliver(receiver, 40)).toEqual({ ok: true })
    expect(server.messages).toHaveLength(40)
    expect(server.troubles).toEqual([])
  })
})
