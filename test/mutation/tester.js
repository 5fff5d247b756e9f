import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const LEAST_PATIENCE_MS = 10_000

/** Runs the tests of one file against texts that take its place. */
export class Tester {
  #subject
  #child
  #patienceMs = 120_000

  constructor(subject) {
    this.#subject = subject
  }

  /** @throws when the tests fail without any mutant */
  static async start(subject) {
    const tester = new Tester(subject)
    const begunMs = performance.now()
    if (await tester.catches(subject.text)) throw new Error(`${subject.path}: its tests fail as it is.`)
    tester.#patienceMs = LEAST_PATIENCE_MS + 3 * (performance.now() - begunMs)
    return tester
  }

  /** Whether a test fails, or does not come to an end; a busy machine is given a second, longer try. */
  async catches(text) {
    const answer = (await this.#ask(text, this.#patienceMs)) ?? (await this.#ask(text, 3 * this.#patienceMs))
    return answer?.isGreen !== true
  }

  /** Null: no answer in time, and the child was ended. */
  async #ask(text, patienceMs) {
    this.#child ??= await startChild()
    const child = this.#child
    const { path, tests } = this.#subject
    child.send({ path, text, tests })
    const answer = await new Promise((resolve) => {
      const timer = setTimeout(() => resolve(null), patienceMs)
      child.once('message', (message) => {
        clearTimeout(timer)
        resolve(message)
      })
    })
    if (answer === null) this.stop()
    return answer
  }

  stop() {
    this.#child?.kill('SIGKILL')
    this.#child = undefined
  }
}

/** In a folder of its own: what a mutant writes to the wrong place lands there. */
async function startChild() {
  const cwd = mkdtempSync(join(tmpdir(), 'maximo-mcp-mutant-'))
  const child = fork(join(import.meta.dirname, 'run-tests.js'), {
    cwd,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  child.once('exit', () => rmSync(cwd, { recursive: true, force: true }))
  await once(child, 'message')
  return child
}
