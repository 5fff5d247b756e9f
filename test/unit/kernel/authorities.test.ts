import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { initTls } from '../../../src/crypto/keys/tls-ceremony.ts'
import { readAuthorities, redisAuthorities } from '../../../src/kernel/authorities.ts'

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
