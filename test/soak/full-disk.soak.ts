import { execFile, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { scratchFolder } from '../support/folder.ts'
import { figure } from '../support/soak.ts'

/** Mounts a small file system for one process, in a user namespace of its own (unshare(1)). */
const MOUNT = 'mount -t tmpfs -o size=2m tmpfs "$0" && exec "$@"'
const canMount = spawnSync('unshare', ['-Urm', 'true']).status === 0
if (!canMount) console.log('no user namespaces here: the full disk is left out')

const DIST = fileURLToPath(new URL('../../dist', import.meta.url))
const SCRIPT = fileURLToPath(new URL('../support/store/full-disk.js', import.meta.url))

describe.skipIf(!canMount)('a disk of two MiB', () => {
  test('full, it takes no records and says so; it goes on by itself when there is room, and lost nothing', async () => {
    const disk = await scratchFolder()
    const { stdout } = await promisify(execFile)(
      'unshare',
      ['-Urm', 'sh', '-c', MOUNT, disk, process.execPath, SCRIPT, DIST, disk],
      { timeout: 120_000 },
    )
    const seen = new Map<unknown, unknown>()
    for (const line of stdout.trim().split('\n')) {
      const { what, value } = JSON.parse(line) as { what: unknown; value: unknown }
      seen.set(what, value)
    }
    const { acknowledged, ...rest } = Object.fromEntries(seen) as Record<string, unknown>
    expect(rest).toEqual({
      'a full disk refuses': ['DiskUnavailable'],
      again: ['DiskUnavailable'],
      'room again': [20, []],
      'no room to compact': [true, 'whole', true],
      'room to compact': [true, 'compacted'],
      'what is there': [null, 'compacted', 0],
      'lost of them': 0,
    })
    figure(
      'revocations acknowledged on a disk that was full twice, none lost',
      Number(acknowledged),
      'revocations',
    )
  })
})
