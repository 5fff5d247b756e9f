import { constants } from 'node:fs'
import { readdir, readFile, readlink, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openChainedFile } from '../../../src/kernel/chained-file.ts'
import { SYNCED_WRITES } from '../../../src/kernel/disk.ts'
import { scratchFolder } from '../../support/folder.ts'

/** The flags of `open` under which this process holds a file (proc(5), fdinfo: octal). */
async function flagsOf(path: string): Promise<number> {
  for (const fd of await readdir('/proc/self/fd')) {
    const target = await readlink(`/proc/self/fd/${fd}`).catch(() => null)
    if (target !== path) continue
    const info = await readFile(`/proc/self/fdinfo/${fd}`, 'utf8')
    return Number.parseInt(/^flags:\s*(\d+)$/m.exec(info)?.[1] ?? '', 8)
  }
  throw new Error(`${path} is not open`)
}

test('a write to a chained file returns when it is on the device, where the system can do that', async () => {
  const file = await openChainedFile({ path: join(await scratchFolder(), 'chain.jsonl'), genesis: 'test' })
  const isLinux = process.platform === 'linux'
  const flags = isLinux ? await flagsOf(await realpath(file.path)) : SYNCED_WRITES
  expect(flags & constants.O_DSYNC).toBe(isLinux ? constants.O_DSYNC : SYNCED_WRITES)
  await file.close()
})
