import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { scratchFolder } from '../folder.ts'

/** The configuration that the guide gives an operator. */
export async function haproxyOfTheGuide(): Promise<string> {
  const guide = await readFile(resolve(import.meta.dirname, '../../../docs/operate/load.md'), 'utf8')
  const block = /```haproxy\n([^]*?)```/.exec(guide)?.[1]
  if (block === undefined) throw new Error('the guide has no configuration of haproxy')
  return block
}

export interface Haproxy {
  /** It takes ten seconds to end by itself, while connections are open; nobody waits for it here. */
  close(): Promise<void>
}

/** A real haproxy in front of what `env` names, as an operator starts it. */
export async function startHaproxy(config: string, env: Readonly<Record<string, string>>): Promise<Haproxy> {
  const folder = await scratchFolder()
  const file = join(folder, 'haproxy.cfg')
  await writeFile(file, config)
  const ours = { PATH: process.env['PATH'], ...env }
  execFileSync('haproxy', ['-c', '-f', file], { env: ours, stdio: 'pipe' })
  const child: ChildProcess = spawn('haproxy', ['-db', '-f', file], { env: ours, stdio: 'ignore' })
  await sleep(500)
  if (child.exitCode !== null) throw new Error(`haproxy ended with ${child.exitCode}`)
  return {
    close: async () => {
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'close')
      await rm(folder, { recursive: true, force: true })
    },
  }
}
