import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadSinks, type SinkConfig } from '../../../../src/audit/sinks/config.ts'
import { openReceiver } from '../../../../src/audit/sinks/open-receiver.ts'
import { ConfigError } from '../../../../src/kernel/env.ts'
import { readFileSync } from 'node:fs'
import { manualClock } from '../../../support/clock.ts'
import { scratchFolder } from '../../../support/folder.ts'

const SPLUNK = {
  name: 'a',
  type: 'splunk_hec',
  url: 'https://s.example:8088',
  token: { env: 'HEC' },
  index: 'i',
}
const SYSLOG = { name: 'a', type: 'syslog', host: 'siem.example', format: 'leef' }
const WEBHOOK = { name: 'a', type: 'webhook', url: 'https://h.example/x', secrets: [{ env: 'HOOK' }] }
const SENTINEL = {
  ...{ name: 'a', type: 'sentinel', endpoint: 'https://x.ingest.monitor.azure.com', ruleId: 'dcr-1' },
  ...{ stream: 'Custom-A', tenantId: 't', clientId: 'c', clientSecret: { env: 'ENTRA' } },
}

async function load(content: unknown): Promise<readonly SinkConfig[]> {
  const path = join(await scratchFolder(), 'sinks.json')
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content))
  return loadSinks(path)
}

async function problemsOf(content: unknown): Promise<readonly string[]> {
  try {
    await load(content)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

describe('AUDIT_SINKS_FILE', () => {
  test('takes what the guide shows, with the defaults that it names', async () => {
    const guide = readFileSync('docs/operate/audit-sinks.md', 'utf8')
    const shown = [...guide.matchAll(/```json\n(.*?)```/gs)].map(
      ([, json = '']) => JSON.parse(json) as object,
    )
    // The first shows the shape of the file alone.
    expect(shown).toHaveLength(6)
    const types: string[] = []
    for (const example of shown.slice(1)) {
      for (const { type, start, behindAfterS, required } of await load(example)) {
        types.push(type)
        expect({ start, behindAfterS, required }).toEqual({
          start: 'oldest',
          behindAfterS: 900,
          required: false,
        })
      }
    }
    expect(types).toEqual(['splunk_hec', 'syslog', 'sentinel', 'webhook', 'stdout'])
  })

  test.each<[string, unknown, string]>([
    ['no JSON', '{', 'the file cannot be read, or is not JSON'],
    ['a secret in the file itself', { ...SPLUNK, token: 'HUSH' }, 'sinks.0.token: '],
    [
      'plain http to another machine',
      { ...SPLUNK, url: 'http://s.example' },
      'sinks.0.url: must be https off loopback',
    ],
    [
      'a webhook over plain http',
      { ...WEBHOOK, url: 'http://h.example/x' },
      'sinks.0.url: must be https off loopback',
    ],
    [
      'a password in an address',
      { ...WEBHOOK, url: 'https://u:HUSH@h.example' },
      'sinks.0.url: must be a plain address',
    ],
    [
      'a path where none belongs',
      { ...SPLUNK, url: 'https://s.example/services' },
      'sinks.0.url: must be without a path',
    ],
    [
      'an endpoint over plain http',
      { ...SENTINEL, endpoint: 'http://x.example' },
      'sinks.0.endpoint: must be https',
    ],
    [
      'an authority over plain http',
      { ...SENTINEL, authority: 'http://x.example' },
      'sinks.0.authority: must be https',
    ],
    ['half a client certificate', { ...SYSLOG, certFile: '/x' }, 'sinks.0.certFile: and keyFile go together'],
    ['a format that the sink has not', { ...SPLUNK, format: 'cef' }, 'sinks.0.format: '],
    ['no index', { ...SPLUNK, index: undefined }, 'sinks.0.index: '],
    ['a member that nobody reads', { ...SPLUNK, verify: false }, 'sinks.0: '],
    ['a name that is no file name', { ...SPLUNK, name: '../x' }, 'sinks.0.name: '],
    ['a stream that leads elsewhere', { ...SENTINEL, stream: 'Custom-a/../b' }, 'sinks.0.stream: '],
  ])('refuses %s', async (_name, sink, problem) => {
    const problems = await problemsOf(typeof sink === 'string' ? sink : { sinks: [sink] })
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(`AUDIT_SINKS_FILE: ${problem}`)
    expect(problems[0]).not.toContain('HUSH')
  })

  test('refuses two sinks of one name: they would share a cursor', async () => {
    expect(await problemsOf({ sinks: [SYSLOG, SPLUNK] })).toEqual([
      'AUDIT_SINKS_FILE: sinks: names a sink twice',
    ])
  })

  test('plain http is taken to this machine', async () => {
    expect(await problemsOf({ sinks: [{ ...SPLUNK, url: 'http://localhost:8088' }] })).toEqual([])
  })

  test('a secret or a certificate that is not there is said at start', async () => {
    const surroundings = {
      ...{ env: {}, clock: manualClock(), wait: () => Promise.resolve() },
      stdout: { write: () => true, on: () => undefined, off: () => undefined },
    }
    const open = async (sink: object): Promise<unknown> => {
      const [config] = await load({ sinks: [sink] })
      if (config === undefined) throw new Error('no sink')
      return openReceiver(config, surroundings)
    }
    await expect(open(SPLUNK)).rejects.toThrow('AUDIT_SINKS_FILE: a: the variable HEC is not set')
    await expect(open({ ...WEBHOOK, secrets: [{ file: '/nowhere/x' }] })).rejects.toThrow(
      'AUDIT_SINKS_FILE: a: the file /nowhere/x cannot be read',
    )
    await expect(open({ ...SYSLOG, caFile: '/nowhere/ca' })).rejects.toThrow(
      'a: the file /nowhere/ca cannot be read',
    )
  })
})
