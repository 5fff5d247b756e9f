import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { initTls, type TlsFiles } from '../../../../src/crypto/keys/tls-ceremony.ts'
import { auditKit, type AuditKit } from '../../../support/audit.ts'
import { scratchFolder } from '../../../support/folder.ts'
import { FedLog } from '../../../support/siem/fed-log.ts'
import { Rsyslog, rsyslogMissing } from '../../../support/siem/rsyslog.ts'
import { readCef, readLeef } from '../../../support/siem/text-formats.ts'

let kit: AuditKit
let keys: string
let tls: TlsFiles
beforeAll(async () => {
  kit = await auditKit()
  keys = await mkdtemp(join(tmpdir(), 'maximo-mcp-siem-'))
  const made = await initTls(join(keys, 'data'), { hosts: [] })
  if (!made.ok) throw new Error(made.error)
  tls = made.value
})
afterAll(() => rm(keys, { recursive: true }))

describe.skipIf(rsyslogMissing !== null)('Debian’s rsyslog over TLS', () => {
  let fed: FedLog
  let server: Rsyslog
  beforeEach(async () => {
    server = await Rsyslog.start(await scratchFolder(), tls)
    fed = await new FedLog(kit, await scratchFolder()).open()
  })
  afterEach(async () => {
    await fed.close()
    await server.down()
  })

  const feed = (format: 'cef' | 'leef'): Promise<void> =>
    fed.feed({
      ...{ type: 'syslog', host: 'localhost', port: server.port, format, hostname: 'plant-7' },
      caFile: tls.authority,
    })

  test('B24: one record is one line there, whatever a client wrote', async () => {
    const hostile = '\n<13>1 - h a p m - \u001b[31m|=\\^"] \t\0 src=1.2.3.4 \r\n{"level":50}\u202e 漢🛠️'
    await feed('leef')
    await fed.write(1, { userAgent: hostile, outcome: 'refused' })
    await fed.time.pass(2_000)
    const [, line] = await server.takes(2)
    expect(line).toMatchObject({
      ...{ severity: 'warning', hostname: 'plant-7', app: 'maximo-mcp', procId: 'mcp-1', msgId: 'mcp.call' },
      data: '[meta sequenceId="2"]',
    })
    expect(readLeef(line?.text ?? '').attributes.get('userAgent')).toBe(hostile)
    expect(await server.taken()).toHaveLength(2)
  })

  test('an hour without it costs no record and no order', async () => {
    await feed('cef')
    await fed.write(3)
    await fed.time.pass(2_000)
    await server.takes(4)
    await server.down()
    for (let minute = 0; minute < 60; minute += 5) {
      await fed.write(2)
      await fed.time.pass(300_000)
    }
    await server.up()
    await fed.time.pass(120_000)
    const lines = await server.takes(28)
    expect(lines.map(({ text }) => readCef(text).extension.get('externalId'))).toEqual(await fed.ids())
    expect(fed.sinks.notes()).toEqual([])
  })

  test('killed, what it had not read comes again: no record is missing, and each keeps its place', async () => {
    await feed('cef')
    await fed.write(3)
    await fed.time.pass(2_000)
    await server.takes(4)
    await server.down('SIGKILL')
    await fed.write(60)
    await fed.time.pass(5_000)
    await server.up()
    await fed.time.pass(120_000)
    const ids = (await server.takes(64)).map(({ text }) => readCef(text).extension.get('externalId'))
    expect([...new Set(ids)]).toEqual(await fed.ids())
  })
})
