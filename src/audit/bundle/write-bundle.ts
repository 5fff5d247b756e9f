import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { AuditHeadPublic } from '../../crypto/keys/audit-head-publics.ts'
import { type Clock, isoTime } from '../../kernel/clock.ts'
import type { VerifyHead } from '../heads.ts'
import { type LogFiles, logsIn } from '../log-files.ts'
import { auditRecord } from '../read-record.ts'
import { searchAudit } from '../search.ts'
import { DigestedFile } from './digested-file.ts'
import { findPart, firstOf, type Part, recordsOf } from './find-part.ts'
import { type BundledLog, KEYS_FILE, type Manifest, MANIFEST_FILE, TABLE_FILE } from './manifest.ts'

export interface BundleOptions {
  readonly folders: readonly string[]
  /** Of the bundle; it must not exist. */
  readonly out: string
  readonly fromMs?: number
  readonly toMs?: number
  readonly keys: readonly AuditHeadPublic[]
  readonly verify: VerifyHead
  readonly clock: Clock
  /** Makes a line of a table; no table without it. */
  readonly tableLine?: ((cells: readonly unknown[]) => string) | undefined
}

/**
 * Writes what happened in a period so that it can be verified by itself: of each log the unbroken part of the chain that
 * holds the period, up to the signed head that vouches for it; the public keys; and the digests of all files. Line by
 * line, however long the logs are. Whether it holds is for {@link verifyBundle} to say.
 *
 * @throws when a folder cannot be read, or `out` is there already
 */
export async function writeBundle(options: BundleOptions): Promise<Manifest> {
  const { folders, out, fromMs, toMs, keys, clock } = options
  await mkdir(out, { mode: 0o700 })
  const logs: BundledLog[] = []
  for (const log of (await Promise.all(folders.map(logsIn))).flat()) {
    const part = await findPart(log, options, options.verify)
    if (part !== null) logs.push(await writePart(log, part, out))
  }
  const keysFile = await DigestedFile.make(join(out, KEYS_FILE))
  await keysFile.line(JSON.stringify({ keys }))
  const table = await writeTable(options)
  const made: Manifest = {
    ...{ v: 1, made: isoTime(clock.nowMs()) },
    ...(fromMs === undefined ? {} : { from: isoTime(fromMs) }),
    ...(toMs === undefined ? {} : { to: isoTime(toMs) }),
    ...{ logs, keys: { file: KEYS_FILE, sha256: await keysFile.end() } },
    ...(table === null ? {} : { table }),
  }
  const file = await DigestedFile.make(join(out, MANIFEST_FILE))
  await file.line(JSON.stringify(made, null, 2))
  await file.end()
  return made
}

async function writePart(log: LogFiles, { origin, before, last }: Part, out: string): Promise<BundledLog> {
  const name = `${origin.replaceAll(/[^A-Za-z0-9_-]/g, '.')}.ndjson`
  const file = await DigestedFile.make(join(out, name))
  let n = firstOf(log) - 1
  for await (const bytes of recordsOf(log)) {
    n += 1
    if (n > before.n && n <= last) await file.line(bytes.toString('utf8'))
  }
  return { origin, file: name, sha256: await file.end(), before, last }
}

/** Names of the columns, in the order of the record. */
const COLUMNS = Object.keys(auditRecord.shape).filter(
  (name) => name !== 'head' && name !== 'personal',
) as (keyof typeof auditRecord.shape)[]

async function writeTable({
  folders,
  out,
  tableLine,
  fromMs,
  toMs,
}: BundleOptions): Promise<Manifest['table'] | null> {
  if (tableLine === undefined) return null
  const file = await DigestedFile.make(join(out, TABLE_FILE))
  await file.line(tableLine(['log', ...COLUMNS]))
  let rows = 0
  const period = { ...(fromMs === undefined ? {} : { fromMs }), ...(toMs === undefined ? {} : { toMs }) }
  for await (const { file: log, record } of searchAudit(folders, period, () => undefined)) {
    rows += 1
    await file.line(tableLine([log, ...COLUMNS.map((name) => record[name])]))
  }
  return { file: TABLE_FILE, sha256: await file.end(), rows }
}
