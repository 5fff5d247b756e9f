import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { verifyHead } from '../../crypto/head-signature.ts'
import {
  auditHeadPublic,
  type AuditHeadPublic,
  auditHeadVerifiersFrom,
} from '../../crypto/keys/audit-head-publics.ts'
import { BadLog, type BadRecord, Verifier } from '../verifier.ts'
import { Vouchers } from '../vouchers.ts'
import { digestOfFile } from './digested-file.ts'
import { type BundledLog, manifest, type Manifest, MANIFEST_FILE } from './manifest.ts'

export type BundleVerdict =
  | {
      readonly ok: true
      readonly manifest: Manifest
      readonly logs: readonly VerifiedPart[]
      /** Who vouches: whoever reads the bundle compares their thumbprints with what the operator says elsewhere. */
      readonly keys: readonly AuditHeadPublic[]
    }
  | { readonly ok: false; readonly bad: BadRecord }

export interface VerifiedPart {
  readonly log: BundledLog
  /** Number of the newest record that a signed head in the bundle vouches for. */
  readonly vouchedTo: number
}

/**
 * Verifies a bundle by what is in it alone: digests, chain, signed heads.
 *
 * @throws when one of its files cannot be read
 */
export async function verifyBundle(folder: string): Promise<BundleVerdict> {
  try {
    const told = await readJson(join(folder, MANIFEST_FILE), manifest)
    await checkDigests(folder, told)
    const { keys } = await readJson(join(folder, told.keys.file), keysFile)
    const verifiers = await auditHeadVerifiersFrom(keys)
    const vouchers = new Vouchers((head) => verifyHead(head, verifiers))
    for (const { file } of told.logs) await vouchers.collect(filesOf(join(folder, file)))
    const verifier = new Verifier(vouchers)
    const logs: VerifiedPart[] = []
    for (const log of told.logs)
      logs.push(await verifyPart(join(folder, log.file), log, { verifier, vouchers }))
    return { ok: true, manifest: told, logs, keys }
  } catch (error) {
    if (error instanceof BadLog) return { ok: false, bad: error.bad }
    throw error
  }
}

const keysFile = z.strictObject({ keys: z.array(auditHeadPublic).min(1) })

const filesOf = (path: string): Parameters<Vouchers['collect']>[0] => ({
  ...{ instance: '', segments: [{ path, first: 1 }], head: `${path}.head`, missing: path },
})

async function verifyPart(
  path: string,
  log: BundledLog,
  { verifier, vouchers }: { readonly verifier: Verifier; readonly vouchers: Vouchers },
): Promise<VerifiedPart> {
  const { at, lines } = await verifier.readOn(path, { origin: log.origin, tip: log.before })
  if (at.origin !== log.origin)
    throw new BadLog({ file: path, line: 1, what: `not records of ${log.origin}` })
  if (at.tip.n !== log.last) {
    const what = `${at.tip.n} is its last record, and ${log.last} by the manifest`
    throw new BadLog({ file: path, line: lines + 1, what })
  }
  // A head vouches for all records before it, but only in a bundle that holds the record it names.
  const vouchedTo = Math.max(
    0,
    ...vouchers.numbers(log.origin).filter((n) => n > log.before.n && n <= log.last),
  )
  if (vouchedTo === 0)
    throw new BadLog({ file: path, line: 1, what: 'no signed head vouches for any of its records' })
  return { log, vouchedTo }
}

async function checkDigests(folder: string, { logs, keys, table }: Manifest): Promise<void> {
  for (const { file, sha256 } of [...logs, keys, ...(table === undefined ? [] : [table])]) {
    const path = join(folder, file)
    if ((await digestOfFile(path)) !== sha256)
      throw new BadLog({ file: path, line: 1, what: 'not the file of which the manifest has the digest' })
  }
}

async function readJson<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.output<Schema>> {
  const text = await readFile(path, 'utf8')
  try {
    return schema.parse(JSON.parse(text))
  } catch {
    throw new BadLog({ file: path, line: 1, what: 'not a file of a bundle' })
  }
}
