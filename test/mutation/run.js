import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { GROUPS } from './groups.js'
import { luaMutants } from './lua-mutants.js'
import { Tester } from './tester.js'

/*
 * `npm run mutation [-- <group or file> …]`: Stryker's mutants and those of Lua scripts, one at a time, against the tests
 * of the subject. What makes them is installed outside the repository in exact versions, so that it is nobody's
 * dependency. Prints the score and every survivor of each group; docs/mutation.md says why they are left. Exit code 1 when
 * a group is below the target. All mutants are tried. Minutes per group: not for CI.
 */
const ROOT = resolve(import.meta.dirname, '../..')
const INSTRUMENTER = '@stryker-mutator/instrumenter'
const LUA_PARSER = 'luaparse'
const VERSIONS = { [INSTRUMENTER]: '9.6.1', [LUA_PARSER]: '0.3.1' }
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
  const packages = Object.entries(VERSIONS).map(([name, version]) => `${name}@${version}`)
  execFileSync('npm', ['install', ...flags, ...packages], { stdio: ['ignore', 'ignore', 'inherit'] })
  const installed = (...path) => import(pathToFileURL(join(scratch, 'node_modules', ...path)))
  const { Instrumenter } = await installed(INSTRUMENTER, 'dist/src/index.js')
  const { default: luaparse } = await installed(LUA_PARSER, 'luaparse.js')
  const silent = new Proxy({}, { get: () => () => false })
  return async (name, content) => {
    const options = { excludedMutations: [], ignorers: [], plugins: null }
    const { mutants } = await new Instrumenter(silent).instrument([{ name, content, mutate: true }], options)
    const at = offsets(content)
    const ofScript = mutants.map(({ location: { start, end }, mutatorName, replacement }) => ({
      line: start.line + 1,
      kind: mutatorName,
      replacement,
      text: content.slice(0, at(start)) + replacement + content.slice(at(end)),
    }))
    return [...ofScript, ...luaMutants(content, luaparse.parse)]
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
