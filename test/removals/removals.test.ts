import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Edit } from './removal.ts'
import { REMOVALS } from './removals.ts'
import { titlePattern } from './title-pattern.ts'

/**
 * Each guard of `docs/known-attacks.md` taken out once, in a copy of the repository, and the test that holds it run: it
 * must fail, by an assertion or a fault of its own, not because nothing could be loaded.
 */
const ROOT = resolve(import.meta.dirname, '../..')
const COPIED = ['src', 'test', 'docker-compose.yml', 'docs', 'README.md', 'package.json', 'tsconfig.json']
const PATIENCE_MS = 300_000

let copy: string
beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'maximo-mcp-removals-'))
  for (const path of [...COPIED, 'vitest.config.ts', 'dist'])
    await cp(join(ROOT, path), join(copy, path), { recursive: true, preserveTimestamps: true })
  await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
}, PATIENCE_MS)
afterAll(() => rm(copy, { recursive: true, force: true }))

const report = z.looseObject({
  testResults: z.array(
    z.looseObject({
      assertionResults: z.array(z.looseObject({ fullName: z.string(), status: z.string() })),
    }),
  ),
})

/** How the tests of a title ended, in the copy as it stands. */
async function outcomes(file: string, title: string): Promise<string[]> {
  const output = join(copy, 'report.json')
  const args = ['run', file, '-t', titlePattern(title), '--reporter=json', `--outputFile=${output}`]
  await promisify(execFile)(join(ROOT, 'node_modules/.bin/vitest'), args, {
    cwd: copy,
    env: { ...process.env, CI: 'true' },
    timeout: PATIENCE_MS,
  }).catch(() => undefined) // it is meant to fail; the report says how
  const { testResults } = report.parse(JSON.parse(await readFile(output, 'utf8')))
  await rm(output)
  const all = testResults.flatMap(({ assertionResults }) => assertionResults)
  return all.map(({ status }) => status).filter((status) => status === 'passed' || status === 'failed')
}

/** Applies all edits, and gives back what undoes them. */
async function apply(edits: readonly Edit[]): Promise<() => Promise<void>> {
  const before = new Map<string, string>()
  for (const { file, find, replace } of edits) {
    const path = join(copy, file)
    const text = await readFile(path, 'utf8')
    if (!before.has(path)) before.set(path, text)
    expect(text.split(find), `${file}: ${find}`).toHaveLength(2)
    await writeFile(
      path,
      text.replace(find, () => replace),
    )
  }
  return async () => {
    for (const [path, text] of before) await writeFile(path, text)
  }
}

/** Browser tests and flows run the built command. */
async function build(): Promise<void> {
  const tsc = join(ROOT, 'node_modules/.bin/tsc')
  await promisify(execFile)(tsc, ['-b', 'src/cli'], { cwd: copy, timeout: PATIENCE_MS })
}

describe.each(REMOVALS)('$attack $test: $title', ({ test: file, title, edits }) => {
  test(
    'is red without its guard',
    async () => {
      const undo = await apply(edits)
      const isBuilt = /^test\/(browser|flows)\//.test(file)
      try {
        if (isBuilt) await build()
        expect(await outcomes(file, title)).toContain('failed')
      } finally {
        await undo()
        if (isBuilt) await build()
      }
    },
    PATIENCE_MS * 3,
  )
})
