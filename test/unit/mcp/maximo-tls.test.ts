import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../../src/kernel/env.ts'
import { certificatesFor } from '../../../src/maximo/egress/host-trust.ts'
import { loadMaximoTls } from '../../../src/mcp/maximo-tls.ts'
import { scratchFolder } from '../../support/folder.ts'
import { certificate, hasOpenssl } from '../maximo/support/certificates.ts'

const PIN = `sha256/${Buffer.alloc(32, 1).toString('base64')}`
const SPARE = `sha256/${Buffer.alloc(32, 2).toString('base64')}`

async function load(content: unknown): Promise<ReturnType<typeof loadMaximoTls>> {
  const folder = await scratchFolder()
  const [own, other] = [
    certificate('20200101000000Z', '20990101000000Z'),
    certificate('20200101000000Z', '20990101000000Z'),
  ]
  await writeFile(join(folder, 'cert.pem'), own.cert)
  await writeFile(join(folder, 'key.pem'), own.key)
  await writeFile(join(folder, 'other-key.pem'), other.key)
  await writeFile(join(folder, 'text.pem'), 'no certificate')
  await writeFile(join(folder, 'tls.json'), typeof content === 'string' ? content : JSON.stringify(content))
  return loadMaximoTls(join(folder, 'tls.json'))
}
const pair = { name: 'plant', cert: 'cert.pem', key: 'key.pem', users: ['user_a'] }

describe.runIf(hasOpenssl() || process.env['CI'] === 'true')('MAXIMO_TLS_FILE', () => {
  test('names authorities, pins and client certificates by host; files beside it', async () => {
    const trust = await load({
      'maximo.example.com': { ca: ['cert.pem'], pins: [PIN, SPARE], certificates: [pair] },
      'test.example.com': { pins: [PIN], reportOnly: true },
    })
    expect(trust.get('maximo.example.com')).toMatchObject({ pins: [PIN, SPARE], isReportOnly: false })
    expect(trust.get('maximo.example.com')?.ca[0]).toContain('BEGIN CERTIFICATE')
    expect(trust.get('maximo.example.com')?.certificates[0]?.thumbprint).toMatch(/^[\w-]{43}$/)
    expect(trust.get('test.example.com')).toMatchObject({ pins: [PIN], isReportOnly: true, certificates: [] })
  })

  test('offers a certificate to those it names, and to everybody where it says so', async () => {
    const trust = await load({
      'maximo.example.com': { certificates: [pair, { ...pair, name: 'gate', users: '*' }] },
    })
    const offered = (user: string) => certificatesFor(trust, user).map((one) => one.certificate.name)
    expect(offered('user_a')).toEqual(['plant', 'gate'])
    expect(offered('user_b')).toEqual(['gate'])
  })

  test.each([
    ['no JSON', '{', 'not JSON'],
    ['a host that is none', { 'https://x': {} }, 'https://x: is not a host name'],
    ['a pin of another form', { 'a.example': { pins: ['sha1/x', SPARE] } }, 'sha256'],
    ['one pin without a backup', { 'a.example': { pins: [PIN] } }, 'backup'],
    ['a file that is not there', { 'a.example': { ca: ['missing.pem'] } }, 'cannot be read'],
    ['a file that is no certificate', { 'a.example': { ca: ['text.pem'] } }, 'not a PEM certificate'],
    [
      'the key of another certificate',
      { 'a.example': { certificates: [{ ...pair, key: 'other-key.pem' }] } },
      'not the key of',
    ],
    ['a certificate for nobody', { 'a.example': { certificates: [{ ...pair, users: [] }] } }, 'users'],
    ['a member that is not known', { 'a.example': { pin: [] } }, 'pin'],
  ])('%s stops the start by name', async (_name, content, words) => {
    const error = await load(content).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(ConfigError)
    expect(String(error)).toContain('MAXIMO_TLS_FILE')
    expect(String(error)).toContain(words)
  })
})
