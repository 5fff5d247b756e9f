import { resolve } from 'node:path'
import { verifyBundle } from '../../audit/bundle/verify-bundle.ts'
import { writeBundle } from '../../audit/bundle/write-bundle.ts'
import { verifyHead } from '../../crypto/head-signature.ts'
import {
  auditHeadVerifiersFrom,
  loadAuditHeadPublics,
  thumbprintOf,
} from '../../crypto/keys/audit-head-publics.ts'
import { systemClock } from '../../kernel/clock.ts'
import { csvLine } from '../../mcp/tools/result/csv.ts'
import type { Out } from '../keys.ts'
import { readOptions } from '../read-options.ts'
import { findAuditPlace, tellUnreadable, type Env } from './place.ts'
import { readPeriod } from './selection.ts'

export const EXPORT_USAGE = `maximo-mcp audit export --out <folder> [--from <time>] [--to <time>] [--csv]
    A period as a bundle that can be verified by itself: records, signed heads, public keys, digests. --csv: a table, too.
maximo-mcp audit verify --bundle <folder>
    Checks such a bundle by what is in it, and prints the keys that vouch for it, to be compared.`

/** 0; 1 when what was exported does not hold, 64 for wrong usage, 66 when there is no log, 73 when `out` cannot be made. */
export async function runExport(args: readonly string[], env: Env, out: Out): Promise<number> {
  const read = readOptions({
    args: [...args],
    options: {
      ...{ data: { type: 'string' }, from: { type: 'string' }, to: { type: 'string' } },
      ...{ out: { type: 'string' }, csv: { type: 'boolean', default: false } },
    },
  })
  const period = read === null ? EXPORT_USAGE : readPeriod(read.values.from, read.values.to)
  if (read?.values.out === undefined || typeof period === 'string') {
    out.problem(typeof period === 'string' ? period : EXPORT_USAGE)
    return 64
  }
  const place = findAuditPlace(read.values.data, env, out)
  if (place === null) return 66
  const keys = await loadAuditHeadPublics(place.keysFolder, place.keeper)
  const verifiers = await auditHeadVerifiersFrom(keys)
  const folder = resolve(read.values.out)
  try {
    await writeBundle({
      ...{ folders: place.folders, out: folder, ...period, keys, clock: systemClock },
      verify: (head) => verifyHead(head, verifiers),
      tableLine: read.values.csv ? csvLine : undefined,
    })
  } catch (error) {
    tellUnreadable(error, out)
    return 73
  }
  return tellBundle(folder, out)
}

/** 0 when the bundle holds, 1 when it does not, 66 when a file of it cannot be read. */
export async function tellBundle(folder: string, out: Out): Promise<number> {
  try {
    const verdict = await verifyBundle(folder)
    if (!verdict.ok) {
      const { file, line, what } = verdict.bad
      out.problem(`BAD ${file} line ${line}: ${what}`)
      return 1
    }
    const { from = 'the beginning', to = 'the end' } = verdict.manifest
    out.line(`period ${from} to ${to}`)
    for (const { log, vouchedTo } of verdict.logs)
      out.line(
        `OK  ${log.origin}: records ${log.before.n + 1} to ${log.last}, vouched for up to ${vouchedTo}`,
      )
    if (verdict.logs.length === 0) out.line('No record of any log is of this period.')
    for (const key of verdict.keys) out.line(`key ${key.kid} ${await thumbprintOf(key)}`)
    return 0
  } catch (error) {
    return tellUnreadable(error, out)
  }
}
