import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

/** Processor time of a child, all its threads, microseconds. */
export interface Usage {
  readonly user: number
  readonly system: number
}

/** A server of the bench, in a process of its own. */
export interface Child {
  /** What it said when it was ready: its address and whatever a caller needs. */
  readonly ready: Readonly<Record<string, string>>
  usage(): Promise<Usage>
  /** Has it do what it was started for, so many times; for a child that calls instead of answering. */
  work(times: number): Promise<void>
  stop(): Promise<void>
}

const FOLDER = import.meta.dirname
const TASKSET = '/usr/bin/taskset'

/**
 * Starts `children/<name>.js` and waits for its `ready` message. Where the system has `taskset`, servers run on core 0
 * and everything that feeds them on the others, so that load and server do not share a core.
 */
export async function startChild(
  name: string,
  env: Readonly<Record<string, string>>,
  core: number,
): Promise<Child> {
  const pinned = existsSync(TASKSET)
  const child = fork(resolve(FOLDER, 'children', `${name}.js`), {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    ...(pinned && { execPath: TASKSET, execArgv: ['-c', String(core), process.execPath] }),
  })
  const ended = once(child, 'exit').then(() => {
    throw new Error(`${name} ended before it answered`)
  })
  const [ready] = (await Promise.race([once(child, 'message'), ended])) as [Record<string, string>]
  ended.catch(() => undefined)
  const ask = async (question: Question): Promise<unknown> => {
    const answer = once(child, 'message')
    child.send(question)
    const [said] = (await Promise.race([answer, ended])) as [unknown]
    return said
  }
  return {
    ready,
    usage: async () => (await ask('usage')) as Usage,
    work: async (times) => {
      await ask({ times })
    },
    stop: () => stop(child),
  }
}

type Question = 'usage' | { readonly times: number }

async function stop(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}

/** The child's side: says it is ready, and answers each question for its processor time, or works and says when it is done. */
export function announce(
  ready: Readonly<Record<string, string>>,
  work: (times: number) => Promise<void> = () => Promise.resolve(),
): void {
  process.on('message', (question: Question) => {
    if (question === 'usage') process.send?.(process.cpuUsage())
    else void work(question.times).then(() => process.send?.('done'))
  })
  // A child must not outlive the bench, however that ends.
  process.on('disconnect', () => process.exit(0))
  process.send?.(ready)
}
