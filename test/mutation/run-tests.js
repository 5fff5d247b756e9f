import { resolve } from 'node:path'
import { createVitest } from 'vitest/node'

/*
 * One vitest that stays up, in a process of its own, so that `tester.js` can end it when a mutant never returns. For each
 * message it puts a text in the place of a source file, runs the tests asked for until one fails, and says how that went.
 * Nothing is written: the text reaches vitest where it would read the file.
 */
const ROOT = resolve(import.meta.dirname, '../..')
let mutated = { path: '', text: '' }

const vitest = await createVitest(
  'test',
  {
    root: ROOT,
    config: false,
    watch: false,
    include: ['test/**/*.test.ts'],
    pool: 'threads',
    isolate: false,
    fileParallelism: false,
    bail: 1,
    reporters: [{}],
    // As asked for: the tests that find most come first.
    sequence: {
      sequencer: class {
        shard = async (all) => all
        sort = async (all) => all
      },
    },
    testTimeout: 10_000,
    hookTimeout: 60_000,
  },
  {
    plugins: [
      {
        name: 'mutant',
        enforce: 'pre',
        load: (id) => (id.split('?', 1)[0] === mutated.path ? mutated.text : null),
      },
    ],
  },
)
const project = vitest.getRootProject()

process.on('message', (asked) => void run(asked))
process.on('disconnect', () => process.exit(0))
process.send?.('ready')

async function run({ path, text, tests }) {
  const before = mutated.path
  mutated = { path: resolve(ROOT, path), text }
  for (const changed of new Set([before, mutated.path])) if (changed !== '') vitest.invalidateFile(changed)
  const specifications = tests.map((test) => project.createSpecification(resolve(ROOT, test)))
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specifications, true)
  const asked = testModules.filter(({ moduleId }) => specifications.some((one) => one.moduleId === moduleId))
  const failed = asked.find((module) => !module.ok())
  process.send?.({
    isGreen: unhandledErrors.length === 0 && asked.length === tests.length && asked.every(isPassed),
    by: failed === undefined ? '' : failed.moduleId.slice(ROOT.length + 1),
  })
}

const isPassed = (module) => module.state() === 'passed'
