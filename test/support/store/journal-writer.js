import { readlinkSync, writeSync } from 'node:fs'

/*
 * Writes to an MCP server's journal as fast as it can, and compacts it all the time, until it is killed. Arguments: the
 * built product, the journal's folder, the first number to use, and where it is to end itself; absent: it is killed by
 * others. Prints `<kind> <number> <seq>` for what was acknowledged.
 */
const [, , dist, folder, first, point = ''] = process.argv
const load = (file) => import(`${dist}/${file}`)
const { systemClock } = await load('kernel/clock.js')
const { systemDisk } = await load('kernel/disk.js')
const { openJournal } = await load('kernel/journal.js')
const { createLog } = await load('kernel/log.js')
const { MemoryStore } = await load('kernel/store/memory-store.js')
const { openRecords } = await load('mcp/records/records.js')

const die = () => process.kill(process.pid, 'SIGKILL')
const at = (here) => {
  if (point === here) die()
}
const isDraft = (fd) => readlinkSync(`/proc/self/fd/${fd}`).endsWith('.draft')

/** The real one, which ends its process at the chosen point. */
const disk = {
  ...systemDisk,
  append: async (fd, bytes, position) => {
    const draft = isDraft(fd)
    if (draft && point === 'half a draft') {
      await systemDisk.append(fd, bytes.subarray(0, bytes.length / 2), position)
      die()
    }
    await systemDisk.append(fd, bytes, position)
    if (draft) at('a part of a draft')
    else if (bytes.includes('"e":"journal.compacted"')) at('written down')
  },
  rename: async (from, to) => {
    at('before the rename')
    await systemDisk.rename(from, to)
    at('after the rename')
  },
  syncFolder: async (path) => {
    await systemDisk.syncFolder(path)
    at('after all')
  },
}

const clock = systemClock
const journal = await openJournal({ folder, writer: 'mcp-1', clock, disk })
const records = await openRecords({
  ...{ journal, store: new MemoryStore(clock), clock, log: createLog({ service: 'mcp', level: 'silent' }) },
  compactionLimits: { minBytes: 32 * 1024, everyMs: 1 },
})

let number = Number(first)
let forGood = 0
const id = (of) => String(of).padStart(22, '0')

async function work(worker) {
  for (;;) {
    number += 1
    const mine = number
    // Some are for good, few in the long run, or the journal would have to grow; the rest is replaced by the next of its kind.
    const isForGood = mine % (forGood < 60 ? 8 : 256) === 0
    if (isForGood) forGood += 1
    if (isForGood)
      await records.record('revocation.made', {
        ...{ target: { kind: 'token', rid: id(mine), until: null }, markMs: 1, untilS: null },
        ...{ reason: 'test', by: 'test' },
      })
    else
      await records.record('grant.used', {
        ...{ gid: id(worker), atMs: clock.nowMs(), address: 'x'.repeat(60), client: 'c', tool: String(mine) },
      })
    writeSync(1, `${isForGood ? 'revoked' : 'used'} ${mine} ${journal.lastSeq}\n`)
  }
}
for (let worker = 0; worker < 16; worker += 1) void work(worker)
