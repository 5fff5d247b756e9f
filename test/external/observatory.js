import { writeFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'

/*
 * Grades pages by the rules of Mozilla's HTTP Observatory. A process of its own, because it must trust the authority of
 * the test's certificates from its start (`NODE_EXTRA_CA_CERTS`). The scanner's own entry knows neither ports nor paths,
 * so its parts are put together as it does.
 *
 * Arguments: folder of `@mdn/mdn-http-observatory`, then JSON `[{ httpPort, httpsPort, path }]`.
 * Prints JSON `[{ path, grade, score, failed }]`.
 */
const [folder, pages] = process.argv.slice(2)
await writeFile(`${folder}/conf/hsts-preload.json`, '{}')
await writeFile(`${folder}/conf/tld-list.json`, '[]')

const part = (name) => import(pathToFileURL(`${folder}/src/${name}.js`).href)
const { retrieve } = await part('retriever/retriever')
const { ALL_TESTS } = await part('constants')
const { getGradeForScore, getScoreModifier } = await part('grader/grader')
const { MINIMUM_SCORE_FOR_EXTRA_CREDIT } = await part('grader/charts')

async function grade(page) {
  const got = await retrieve('localhost', page)
  const results = ALL_TESTS.map((test) => test(got))
  const modifiers = results.map(({ result }) => getScoreModifier(result))
  const base = modifiers.filter((modifier) => modifier < 0).reduce((sum, modifier) => sum + modifier, 100)
  const all = modifiers.reduce((sum, modifier) => sum + modifier, 100)
  const final = getGradeForScore(base >= MINIMUM_SCORE_FOR_EXTRA_CREDIT ? all : base)
  const failed = results.filter(({ pass }) => !pass).map(({ name, result }) => `${name}: ${result}`)
  return { path: page.path, grade: final.grade, score: final.score, failed }
}

const graded = []
for (const page of JSON.parse(pages)) graded.push(await grade(page))
console.log(JSON.stringify(graded))
