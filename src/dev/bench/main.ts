import { runBench } from './bench.ts'

process.exitCode = await runBench((line) => console.log(line))
