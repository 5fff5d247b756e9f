import { readFile } from 'node:fs/promises'
import { type AuditVerdict, verifyAudit } from '../../audit/verify.ts'
import type { GivenHead } from '../../audit/vouchers.ts'
import { verifyHead } from '../../crypto/head-signature.ts'
import { loadAuditHeadVerifiers } from '../../crypto/keys/key-ring.ts'
import type { Out } from '../keys.ts'
import { readOptions } from '../read-options.ts'
import { tellBundle } from './export.ts'
import { findAuditPlace, tellUnreadable, type Env } from './place.ts'

export const VERIFY_USAGE = `maximo-mcp audit verify [--head <file>] …
    Checks every log. --head: heads that were kept elsewhere (AUDIT_HEADS_DIR), one a line: what was cut since is found.`

/** 0 when every log holds, 1 when one does not, 64 for wrong usage, 66 when there is none. */
export async function runVerify(args: readonly string[], env: Env, out: Out): Promise<number> {
  const read = readOptions({
    args: [...args],
    options: {
      ...{ data: { type: 'string' }, bundle: { type: 'string' } },
      head: { type: 'string', multiple: true, default: [] },
    },
  })
  if (read === null) {
    out.problem(VERIFY_USAGE)
    return 64
  }
  const { bundle, data, head: files } = read.values
  if (bundle !== undefined) return tellBundle(bundle, out)
  const place = findAuditPlace(data, env, out)
  if (place === null) return 66
  try {
    const given = (await Promise.all(files.map(headsIn))).flat()
    if (files.length > 0 && given.length === 0) {
      out.problem('There is no head in the files that --head names.')
      return 66
    }
    const verifiers = await loadAuditHeadVerifiers(place.keysFolder, place.keeper)
    return report(await verifyAudit(place.folders, (head) => verifyHead(head, verifiers), given), out)
  } catch (error) {
    return tellUnreadable(error, out)
  }
}

async function headsIn(file: string): Promise<GivenHead[]> {
  const lines = (await readFile(file, 'utf8')).split('\n')
  return lines.flatMap((line, index) =>
    line.trim() === '' ? [] : [{ text: line.trim(), where: `${file}:${index + 1}` }],
  )
}

function report(verdict: AuditVerdict, out: Out): number {
  if (!verdict.ok) {
    const { file, line, what } = verdict.bad
    out.problem(`BAD ${file} line ${line}: ${what}`)
    return 1
  }
  for (const where of verdict.unsigned) out.problem(`NOTE ${where} is not a head that a known key signed`)
  for (const log of verdict.logs) {
    out.line(`OK  ${log.file}: ${log.records} records of ${log.origin}, vouched for up to ${log.vouchedTo}`)
  }
  return 0
}
