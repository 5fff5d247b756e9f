import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { initTls } from '../../../src/crypto/keys/tls-ceremony.ts'
import { readAuthorities, readServerTls, redisAuthorities } from '../../../src/kernel/tls-files.ts'

let folder: string
let good: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'maximo-mcp-authorities-'))
  await initTls(folder, { hosts: [] })
  good = await readFile(join(folder, 'portal/tls/ca.pem'), 'utf8')
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const holding = async (text: string): Promise<string> => {
  const path = join(folder, 'some.pem')
  await writeFile(path, text)
  return path
}

test.each([
  ['one authority', () => good],
  ['two, and words beside them', () => `# before\n${good}\n# now\n${good}`],
])('a file with %s is taken as it is', async (_what, text) => {
  expect(readAuthorities('SOME_CA', await holding(text()))).toBe(text())
})

test.each([
  // With nothing in the list, Node would trust every public authority instead.
  ['nothing', () => ''],
  ['no certificate', () => 'junk'],
  ['half a certificate', () => good.slice(0, good.length / 2)],
  ['a damaged certificate behind a good one', () => good + good.replace(/^M/m, 'A')],
])('a file with %s is refused by name, and never quoted', async (_what, text) => {
  const path = await holding(text())
  expect(() => readAuthorities('SOME_CA', path)).toThrow(
    expect.objectContaining({
      name: 'ConfigError',
      problems: [
        `SOME_CA: ${path} must hold certificates of authorities, as PEM, and nothing that is damaged`,
      ],
    }),
  )
})

test('a file that is not there is named, and for Redis what is to be done where one authority signed both', () => {
  const path = join(folder, 'mcp/tls/gone.pem')
  expect(() => readAuthorities('SOME_CA', path)).toThrow(
    expect.objectContaining({ name: 'ConfigError', problems: [`SOME_CA: ${path} cannot be read (ENOENT)`] }),
  )
  expect(() => redisAuthorities(path)).toThrow(
    /REDIS_TLS_CA: .*gone\.pem cannot be read \(ENOENT\); .*name ca\.pem.*docs\/operate\/redis\.md/,
  )
  expect(redisAuthorities(undefined)).toEqual({})
})

describe('key and certificate of a listener', () => {
  const at = (name: string): string => join(folder, name)
  const refused = (files: { keyFile?: string; certFile?: string }): unknown => {
    const own = { keyFile: at('mcp/tls/server-key.pem'), certFile: at('mcp/tls/server.pem') }
    try {
      return readServerTls('SOME_TLS', { ...own, ...files })
    } catch (error) {
      return error
    }
  }

  test('are taken as they are', async () => {
    const files = ['mcp/tls/server-key.pem', 'mcp/tls/server.pem'].map((name) => readFile(at(name), 'utf8'))
    const [key, cert] = await Promise.all(files)
    expect(refused({})).toEqual({ key, cert })
  })

  test.each([
    [{ keyFile: 'gone.pem' }, 'SOME_TLS_KEY: gone.pem cannot be read (ENOENT)'],
    [{ certFile: 'gone.pem' }, 'SOME_TLS_CERT: gone.pem cannot be read (ENOENT)'],
    // As after half of a renewal.
    [
      { keyFile: 'redis/tls/server-key.pem' },
      'SOME_TLS_KEY: redis/tls/server-key.pem is not the key of mcp/tls/server.pem',
    ],
    [
      { keyFile: 'mcp/tls/server.pem' },
      'SOME_TLS_KEY: mcp/tls/server.pem is not the key of mcp/tls/server.pem',
    ],
    [
      { certFile: 'mcp/tls/server-key.pem' },
      'SOME_TLS_CERT: mcp/tls/server-key.pem must hold a certificate, as PEM, and nothing that is damaged',
    ],
  ])('%j are refused', (files, said) => {
    const found = refused(Object.fromEntries(Object.entries(files).map(([name, file]) => [name, at(file)])))
    expect(String(found).replaceAll(`${folder}/`, '')).toBe(
      `ConfigError: The configuration has problems:\n  ${said}`,
    )
  })
})
