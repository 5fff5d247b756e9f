import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { verifyAudit, type AuditVerdict } from '../audit/verify.ts'
import { verifyHead } from '../crypto/head-signature.ts'
import { loadAuditHeadVerifiers } from '../crypto/keys/key-ring.ts'
import type { Out } from './keys.ts'
import { readOptions } from './read-options.ts'

const OWNERS = ['portal', 'mcp'] as const
const USAGE = 'maximo-mcp audit verify [--data <folder>]   (default: DATA_DIR, else ./data)'

/** `maximo-mcp audit verify`: 0 when every log holds, 1 when one does not, 64 for wrong usage, 66 when there is none. */
export async function runAudit(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  out: Out,
): Promise<number> {
  const asked = readArguments(args)
  if (asked === null) {
    out.problem(USAGE)
    return 64
  }
  const dataDir = resolve(asked.data ?? env['DATA_DIR'] ?? './data')
  const owners = OWNERS.filter((owner) => existsSync(join(dataDir, owner, 'audit')))
  const [keeper] = OWNERS.filter((owner) => existsSync(join(dataDir, owner, 'keys')))
  if (owners.length === 0 || keeper === undefined) {
    out.problem(`No audit log, or no keys to check it with, under ${dataDir}.`)
    return 66
  }
  const verifiers = await loadAuditHeadVerifiers(join(dataDir, keeper, 'keys'), keeper)
  const folders = owners.map((owner) => join(dataDir, owner, 'audit'))
  return report(await verifyAudit(folders, (head) => verifyHead(head, verifiers)), out)
}

function readArguments(args: readonly string[]): { readonly data: string | undefined } | null {
  const read = readOptions({ args: [...args], allowPositionals: true, options: { data: { type: 'string' } } })
  const isVerify = read?.positionals.length === 1 && read.positionals[0] === 'verify'
  return isVerify ? { data: read.values.data } : null
}

function report(verdict: AuditVerdict, out: Out): number {
  if (!verdict.ok) {
    const { file, line, what } = verdict.bad
    out.problem(`BAD ${file} line ${line}: ${what}`)
    return 1
  }
  for (const log of verdict.logs) {
    out.line(`OK  ${log.file}: ${log.records} records of ${log.origin}, vouched for up to ${log.vouchedTo}`)
  }
  return 0
}
