import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { freePort } from '../processes/free-port.ts'

const TASKSET = '/usr/bin/taskset'

/**
 * A real Redis with its append-only file, for the bench alone.
 *
 * @throws when `redis-server` is not on the PATH: figures of the in-process store would not be the product's.
 */
export async function startRedis(
  folder: string,
  core: number,
): Promise<{ url: string; stop(): Promise<void> }> {
  await mkdir(folder, { recursive: true })
  const port = await freePort()
  const command = [
    'redis-server',
    '--port',
    String(port),
    '--dir',
    folder,
    '--appendonly',
    'yes',
    '--save',
    '',
  ]
  const [program = '', ...args] = existsSync(TASKSET) ? [TASKSET, '-c', String(core), ...command] : command
  const server = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const failed = once(server, 'error').then(([error]) => {
    throw new Error('The bench needs redis-server on the PATH.', { cause: error })
  })
  const ready = new Promise<void>((done) => {
    server.stdout.on('data', (text: Buffer) => {
      if (text.toString().includes('Ready to accept connections')) done()
    })
  })
  await Promise.race([ready, failed])
  failed.catch(() => undefined)
  return {
    url: `redis://127.0.0.1:${port}`,
    stop: async () => {
      const ended = once(server, 'exit')
      server.kill('SIGTERM')
      await ended
    },
  }
}
