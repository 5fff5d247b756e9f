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
    ...(pinned ? { execPath: TASKSET, execArgv: ['-c', String(core), process.execPath] } : {}),
  })
  const ended = once(child, 'exit').then(() => {
    throw new Error(`${name} ended before it was ready`)
  })
  const [ready] = (await Promise.race([once(child, 'message'), ended])) as [Record<string, string>]
  ended.catch(() => undefined)
  return { ready, usage: () => usageOf(child), stop: () => stop(child) }
}

async function usageOf(child: ChildProcess): Promise<Usage> {
  const answer = once(child, 'message')
  child.send('usage')
  const [usage] = (await answer) as [Usage]
  return usage
}

async function stop(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}

/** The child's side: says it is ready, and answers each question for its processor time. */
export function announce(ready: Readonly<Record<string, string>>): void {
  process.on('message', () => void process.send?.(process.cpuUsage()))
  // A child must not outlive the bench, however that ends.
  process.on('disconnect', () => process.exit(0))
  process.send?.(ready)
}
