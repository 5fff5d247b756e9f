import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { GROUPS } from './groups.js'
import { Tester } from './tester.js'

/*
 * `npm run mutation [-- <group or file> …]`: Stryker's mutants (its instrumenter in an exact version, installed outside
 * the repository, so that it is nobody's dependency), one at a time, against the tests of the subject. Prints the score
 * and every survivor of each group; docs/mutation.md says why they are left. Exit code 1 when a group is below the
 * target. All mutants are tried. Minutes per group: not for CI.
 */
const ROOT = resolve(import.meta.dirname, '../..')
const INSTRUMENTER = '@stryker-mutator/instrumenter'
const VERSION = '9.6.1'
const TARGET_PERCENT = 90

const wanted = process.argv.slice(2)
const isWanted = (...names) => wanted.length === 0 || names.some((name) => wanted.includes(name))
const groups = Object.entries(GROUPS).map(([name, subjects]) => ({
  name,
  subjects: subjects.flatMap(({ files, tests }) =>
    files.filter((file) => isWanted(name, file)).map((file) => ({ file, tests })),
  ),
}))
if (groups.every(({ subjects }) => subjects.length === 0))
  throw new Error(`Nothing of that name. Groups: ${Object.keys(GROUPS).join(', ')}.`)

const scratch = mkdtempSync(join(tmpdir(), 'maximo-mcp-mutation-'))
try {
  const mutantsOf = await loadInstrumenter()
  for (const { name, subjects } of groups.filter((group) => group.subjects.length > 0)) {
    const results = []
    for (const subject of subjects) results.push(...(await tryAll(subject, mutantsOf)))
    const caught = results.filter((result) => result.isCaught).length
    const score = (100 * caught) / results.length
    console.log(`${name}: ${score.toFixed(1)} %, ${caught} of ${results.length} (target ${TARGET_PERCENT} %)`)
    if (score < TARGET_PERCENT) process.exitCode = 1
  }
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

/** Gives, for a source text, every mutant: its line, its kind, and the text with it. */
async function loadInstrumenter() {
  const flags = ['--prefix', scratch, '--ignore-scripts', '--no-audit', '--no-fund', '--silent']
  execFileSync('npm', ['install', ...flags, `${INSTRUMENTER}@${VERSION}`], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const entry = pathToFileURL(join(scratch, 'node_modules', INSTRUMENTER, 'dist/src/index.js'))
  const { Instrumenter } = await import(entry)
  const silent = new Proxy({}, { get: () => () => false })
  return async (name, content) => {
    const options = { excludedMutations: [], ignorers: [], plugins: null }
    const { mutants } = await new Instrumenter(silent).instrument([{ name, content, mutate: true }], options)
    const at = offsets(content)
    return mutants.map(({ location: { start, end }, mutatorName, replacement }) => ({
      line: start.line + 1,
      kind: mutatorName,
      replacement,
      text: content.slice(0, at(start)) + replacement + content.slice(at(end)),
    }))
  }
}

function offsets(content) {
  const starts = [0]
  for (let at = content.indexOf('\n'); at !== -1; at = content.indexOf('\n', at + 1)) starts.push(at + 1)
  return ({ line, column }) => starts[line] + column
}

/** Tries every mutant of a file; a survivor is printed at once. */
async function tryAll({ file, tests }, mutantsOf) {
  const content = readFileSync(join(ROOT, file), 'utf8')
  const tester = await Tester.start({ path: file, text: content, tests })
  const results = []
  const mutants = await mutantsOf(file, content)
  for (const mutant of mutants) {
    const isCaught = await tester.catches(mutant.text)
    results.push({ isCaught })
    if (results.length % 10 === 0) console.error(`  ${file}: ${results.length} of ${mutants.length} tried`)
    const shown = String(mutant.replacement).slice(0, 100).replaceAll('\n', ' ')
    if (!isCaught) console.log(`  ${file}:${mutant.line} ${mutant.kind}: ${shown}`)
  }
  tester.stop()
  console.log(`  ${file}: ${results.filter(({ isCaught }) => isCaught).length} of ${results.length} caught`)
  return results
}
