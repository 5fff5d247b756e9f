import { rmSync, statfsSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/*
 * What an MCP server's records do on a disk that fills up, on a small file system of its own. Arguments: the built product
 * and the folder where that is mounted. Prints a line of JSON for each thing that was seen.
 */
const [, , dist, disk] = process.argv
const load = (file) => import(`${dist}/${file}`)
const { systemClock: clock } = await load('kernel/clock.js')
const { openJournal } = await load('kernel/journal.js')
const { scanJournal } = await load('kernel/journal-scan.js')
const { createLog } = await load('kernel/log.js')
const { MemoryStore } = await load('kernel/store/memory-store.js')
const { openRecords } = await load('mcp/records/records.js')
const { recordKeys } = await load('mcp/records/keys.js')

const tell = (what, value) => writeSync(1, `${JSON.stringify({ what, value })}\n`)
const freeBytes = () => statfsSync(disk).bavail * statfsSync(disk).bsize
const BALLAST = join(disk, 'ballast')
/** Leaves so many bytes free. */
const fill = (leave) => writeFileSync(BALLAST, Buffer.alloc(Math.max(0, freeBytes() - leave)))
const relieve = () => rmSync(BALLAST, { force: true })

const folder = join(disk, 'journal')
const store = new MemoryStore(clock)
let compactionLimits = { minBytes: Infinity, everyMs: 5 }
let [journal, records] = []
async function start() {
  journal = await openJournal({ folder, writer: 'mcp-1', clock })
  const log = createLog({ service: 'mcp', level: 'silent' })
  records = await openRecords({ journal, store, clock, log, compactionLimits })
}
async function stop() {
  await records.close()
  await journal.close()
}

let number = 0
const id = (of) => String(of).padStart(22, '0')
const revoke = async () => {
  number += 1
  const rid = id(number)
  const target = { kind: 'token', rid, until: null }
  await records.record('revocation.made', {
    target,
    markMs: 1,
    untilS: null,
    reason: 'x'.repeat(60),
    by: 'test',
  })
  return rid
}
const use = () =>
  records.record('grant.used', {
    gid: id(0),
    atMs: clock.nowMs(),
    address: 'x'.repeat(60),
    client: '',
    tool: '',
  })

/** Tries a few at once. @returns those that were acknowledged, and how the others failed */
async function tries(count) {
  const settled = await Promise.allSettled(Array.from({ length: count }, revoke))
  const done = settled.flatMap(({ value }) => value ?? [])
  return { done, failures: [...new Set(settled.flatMap(({ reason }) => reason?.name ?? []))] }
}

await start()
const acknowledged = (await tries(20)).done
fill(8_192)
let refused = { failures: [] }
for (let round = 0; round < 100 && refused.failures.length === 0; round += 1) {
  refused = await tries(20)
  acknowledged.push(...refused.done)
}
tell('a full disk refuses', refused.failures)
tell('again', (await tries(20)).failures)
relieve()
const after = await tries(20)
acknowledged.push(...after.done)
tell('room again', [after.done.length, after.failures])

// As much of consequence as not, and no room for a second copy of what is.
for (let at = 0; at < 2_000; at += 1) await use()
for (let round = 0; round < 60; round += 1) acknowledged.push(...(await tries(20)).done)
await stop()
compactionLimits = { minBytes: 1, everyMs: 5 }
fill(65_536)
await start()
const before = journal.sizeBytes
for (let wait = 0; wait < 400 && journal.compactions.open === null; wait += 1) await delay(25)
// Tried more than once by then.
await delay(200)
acknowledged.push(...(await tries(5)).done)
tell('no room to compact', [
  journal.sizeBytes >= before,
  journal.compactions.shape,
  journal.compactions.open !== null,
])
relieve()
for (let wait = 0; wait < 200 && journal.compactions.shape !== 'compacted'; wait += 1) await delay(25)
tell('room to compact', [journal.sizeBytes < before, journal.compactions.shape])
await stop()

const scanned = await scanJournal(join(folder, 'mcp-1.jsonl'))
tell('what is there', [scanned.bad, scanned.shape, scanned.tornBytes])
const fresh = new MemoryStore(clock)
const again = await openJournal({ folder, writer: 'mcp-1', clock })
const replayed = await openRecords({
  journal: again,
  store: fresh,
  clock,
  log: createLog({ service: 'mcp', level: 'silent' }),
})
const held = await fresh.getMany(acknowledged.map((rid) => recordKeys.revokedToken(rid)))
tell('acknowledged', acknowledged.length)
tell('lost of them', held.filter((value) => value !== '1').length)
await replayed.close()
await again.close()
