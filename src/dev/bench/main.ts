import { runBench } from './bench.ts'
import { runClientBench } from './client/run.ts'
import { runTokenBench } from './tokens/run.ts'

/** `npm run bench` measures every part, `npm run bench -- calls`, `-- tokens` or `-- client` one of them. */
const PARTS = { calls: runBench, tokens: runTokenBench, client: runClientBench }

const wanted = process.argv[2]
const parts = Object.entries(PARTS).filter(([name]) => wanted === undefined || name === wanted)
if (parts.length === 0) throw new Error(`No part “${wanted ?? ''}”: ${Object.keys(PARTS).join(', ')}.`)
let failed = 0
for (const [, run] of parts) failed += await run((line) => console.log(line))
process.exitCode = failed === 0 ? 0 : 1
