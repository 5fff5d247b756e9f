import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { initTls } from '../../../../src/crypto/keys/tls-ceremony.ts'
import type { LineOut } from '../../../../src/audit/sinks/receivers/stdout.ts'
import { auditKit, type AuditKit } from '../../../support/audit.ts'
import { scratchFolder } from '../../../support/folder.ts'
import { FedLog } from '../../../support/siem/fed-log.ts'
import { Sentinel } from '../../../support/siem/sentinel.ts'
import { Splunk } from '../../../support/siem/splunk.ts'
import { SyslogServer } from '../../../support/siem/syslog.ts'
import { readLeef } from '../../../support/siem/text-formats.ts'
import { Webhook } from '../../../support/siem/webhook.ts'

let kit: AuditKit
let tls: { readonly authority: string; readonly key: Buffer; readonly cert: Buffer }
let keys: string
beforeAll(async () => {
  kit = await auditKit()
  keys = await mkdtemp(join(tmpdir(), 'maximo-mcp-siem-'))
  const made = await initTls(join(keys, 'data'), { hosts: [] })
  if (!made.ok) throw new Error(made.error)
  const { authority, key, certificate } = made.value
  tls = { authority, key: readFileSync(key), cert: readFileSync(certificate) }
})
afterAll(() => rm(keys, { recursive: true }))

let fed: FedLog
beforeEach(async () => {
  fed = await new FedLog(kit, await scratchFolder()).open()
})
afterEach(() => fed.close())

const HOUR_MS = 3_600_000
const RULE = { tenantId: 'tenant', clientId: 'client', ruleId: 'dcr-1', stream: 'Custom-Audit' }

/** A receiver that a test takes away, and what it got. */
interface Outside {
  readonly sink: Readonly<Record<string, unknown>>
  readonly env?: Record<string, string>
  readonly stdout?: LineOut
  readonly up: () => Promise<unknown>
  readonly down: () => Promise<unknown>
  readonly ids: () => string[]
  readonly duplicates: () => readonly unknown[]
}

async function splunk(acknowledge: boolean): Promise<Outside> {
  const receiver = new Splunk({
    token: 'T',
    index: 'audit',
    ...(acknowledge ? { acknowledgedAfter: 2 } : {}),
  })
  await receiver.server.up()
  return {
    sink: {
      ...{
        type: 'splunk_hec',
        url: receiver.server.origin,
        token: { env: 'HEC' },
        index: 'audit',
        acknowledge,
      },
    },
    env: { HEC: 'T' },
    up: () => receiver.server.up(),
    down: () => receiver.server.down(),
    ids: () => receiver.ids(),
    duplicates: () => receiver.duplicates,
  }
}

async function syslog(): Promise<Outside> {
  const receiver = await new SyslogServer(tls).up()
  const ids = (): string[] =>
    receiver.messages.map(({ text }) => readLeef(text).attributes.get('eventUid') ?? '')
  return {
    sink: { type: 'syslog', host: '127.0.0.1', port: receiver.port, format: 'leef', caFile: tls.authority },
    up: () => receiver.up(),
    down: () => receiver.down(),
    ids,
    duplicates: () => [...receiver.troubles, ...ids().filter((id, at) => ids().indexOf(id) !== at)],
  }
}

async function sentinel(): Promise<Outside> {
  const receiver = new Sentinel({ ...RULE, clientSecret: 'S' })
  await receiver.server.up()
  const { origin } = receiver.server
  return {
    sink: { type: 'sentinel', ...RULE, endpoint: origin, authority: origin, clientSecret: { env: 'ENTRA' } },
    env: { ENTRA: 'S' },
    up: () => receiver.server.up(),
    down: () => receiver.server.down(),
    ids: () => receiver.ids(),
    duplicates: () => receiver.duplicates,
  }
}

async function webhook(secret: string, key: { hmac: Buffer } | { ed25519: KeyObject }): Promise<Outside> {
  const receiver = new Webhook(key, () => fed.time.clock.nowMs())
  await receiver.server.up()
  return {
    sink: { type: 'webhook', url: `${receiver.server.origin}/hook?team=7`, secrets: [{ env: 'HOOK' }] },
    env: { HOOK: secret },
    up: () => receiver.server.up(),
    down: () => receiver.server.down(),
    ids: () => receiver.ids(),
    duplicates: () => receiver.duplicates,
  }
}

const HMAC = Buffer.alloc(32, 7)
const hmacWebhook = (): Promise<Outside> => webhook(`whsec_${HMAC.toString('base64')}`, { hmac: HMAC })

function ed25519Webhook(): Promise<Outside> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-32)
  return webhook(`whsk_${seed.toString('base64')}`, { ed25519: publicKey })
}

function stdout(): Promise<Outside> {
  let isDown = false
  const lines: string[] = []
  const stream: LineOut = {
    write: (chunk, done) => {
      if (!isDown) lines.push(...chunk.toString().trimEnd().split('\n'))
      done(isDown ? Object.assign(new Error('full'), { code: 'EAGAIN' }) : null)
      return true
    },
    on: () => undefined,
    off: () => undefined,
  }
  const ids = (): string[] => lines.map((line) => (JSON.parse(line) as { id: string }).id)
  return Promise.resolve({
    ...{ sink: { type: 'stdout' }, stdout: stream, ids },
    up: () => Promise.resolve((isDown = false)),
    down: () => Promise.resolve((isDown = true)),
    duplicates: () => ids().filter((id, at) => ids().indexOf(id) !== at),
  })
}

describe('a receiver that is down for an hour while events go on gets all of them once each, in order', () => {
  test.each<[string, () => Promise<Outside>]>([
    ['Splunk', () => splunk(false)],
    ['Splunk with indexer acknowledgement', () => splunk(true)],
    ['syslog', syslog],
    ['Sentinel', sentinel],
    ['a webhook signed with HMAC', hmacWebhook],
    ['a webhook signed with Ed25519', ed25519Webhook],
    ['standard output', stdout],
  ])('%s', async (_name, open) => {
    const outside = await open()
    try {
      await fed.feed(outside.sink, outside)
      await fed.write(5)
      await fed.time.pass(15_000)
      expect(outside.ids()).toEqual(await fed.ids())
      await outside.down()
      for (let minute = 0; minute < 60; minute++) {
        await fed.write()
        await fed.time.pass(HOUR_MS / 60)
      }
      expect(outside.ids()).toHaveLength(6)
      expect(await fed.figure('lag_events{')).toBe(60)
      expect(await fed.figure('lag_seconds{')).toBeGreaterThan(3_500)
      expect(fed.sinks.notes()).toEqual([
        expect.stringMatching(
          /^audit sink siem is behind by 60 records, the oldest 3\d{3} s old: unreachable \(/,
        ),
      ])
      await outside.up()
      await fed.time.pass(120_000)
      expect(outside.ids()).toEqual(await fed.ids())
      expect(outside.duplicates()).toEqual([])
      expect(outside.ids()).toHaveLength(66)
      expect(await fed.figure('lag_events{')).toBe(0)
      expect(await fed.figure('lag_seconds{')).toBe(0)
      expect(fed.sinks.notes()).toEqual([])
      expect(await fed.figure('sent_total{')).toBe(66)
    } finally {
      await fed.sinks.close()
      await outside.down()
    }
  })
})
