import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { GROUPS } from './groups.js'

/*
 * `npm run mutation [-- <group> …]`: Stryker in exact versions, installed into a copy of the repository, so that its
 * packages are nobody's dependency. Prints the score and every survivor of each group; docs/mutation.md says why they
 * are left. Exit code 1 when a group is below the target. Minutes per group: not for CI.
 */
const ROOT = resolve(import.meta.dirname, '../..')
const PACKAGES = ['@stryker-mutator/core@9.6.1', '@stryker-mutator/vitest-runner@9.6.1']
const TARGET_PERCENT = 90
const CAUGHT = new Set(['Killed', 'Timeout'])
const LEFT = new Set(['Survived', 'NoCoverage'])

const wanted = process.argv.slice(2)
for (const name of wanted)
  if (!(name in GROUPS)) throw new Error(`No group “${name}”: ${Object.keys(GROUPS).join(', ')}.`)

const copy = mkdtempSync(join(tmpdir(), 'maximo-mcp-mutation-'))
const run = (program, args, env = {}) =>
  execFileSync(program, args, {
    cwd: copy,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  })

try {
  for (const file of execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' }).trim().split('\n')) {
    mkdirSync(join(copy, dirname(file)), { recursive: true })
    cpSync(join(ROOT, file), join(copy, file))
  }
  cpSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'), { recursive: true, verbatimSymlinks: true })
  run('npm', ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', ...PACKAGES])
  const names = wanted.length === 0 ? Object.keys(GROUPS) : wanted
  const scores = names.map((name) => mutate(name, GROUPS[name]))
  process.exitCode = scores.every((score) => score >= TARGET_PERCENT) ? 0 : 1
} finally {
  rmSync(copy, { recursive: true, force: true })
}

/** The share of mutants that a test noticed, percent. */
function mutate(name, { mutate: files, tests }) {
  const report = join(copy, `${name}.json`)
  const config = join(copy, `stryker-${name}.json`)
  writeFileSync(
    config,
    JSON.stringify({
      testRunner: 'vitest',
      plugins: ['@stryker-mutator/vitest-runner'],
      vitest: { configFile: 'test/mutation/vitest.config.ts', related: false },
      mutate: files,
      coverageAnalysis: 'perTest',
      concurrency: 1,
      timeoutMS: 60_000,
      reporters: ['json'],
      jsonReporter: { fileName: report },
      cleanTempDir: 'always',
    }),
  )
  run(join(copy, 'node_modules/.bin/stryker'), ['run', config], { MUTATION_TESTS: tests.join(',') })
  return print(name, JSON.parse(readFileSync(report, 'utf8')).files)
}

function print(name, files) {
  const mutants = Object.entries(files).flatMap(([file, { mutants: own }]) =>
    own.map((one) => ({ file, ...one })),
  )
  const caught = mutants.filter(({ status }) => CAUGHT.has(status)).length
  const left = mutants.filter(({ status }) => LEFT.has(status))
  const score = (100 * caught) / (caught + left.length)
  console.log(
    `${name}: ${score.toFixed(1)} % of ${caught + left.length} mutants (target ${TARGET_PERCENT} %)`,
  )
  for (const { file, location, mutatorName, replacement, status } of left)
    console.log(
      `  ${file}:${location.start.line} ${mutatorName} (${status}): ${String(replacement).slice(0, 100).replaceAll('\n', ' ')}`,
    )
  return score
}
