import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type ChainTip, checkLine } from '../kernel/chain-link.ts'
import { headFilePath, readHeadFile } from './head-file.ts'
import {
  AUDIT_GENESIS,
  type Head,
  openHead,
  type OwnRecord,
  readOwnRecord,
  type VerifyHead,
} from './heads.ts'
import { isHeadLine, type LogLine, logLines } from './log-lines.ts'

/** What holds of one log. */
export interface VerifiedLog {
  readonly file: string
  readonly origin: string
  readonly records: number
  /** Number of the newest record that a signed head vouches for; records after it could be cut without a trace. */
  readonly vouchedTo: number
}

/** The first thing that does not hold. */
export interface BadRecord {
  readonly file: string
  /** From 1. For a cut tail: the line after the last one. */
  readonly line: number
  readonly what: string
}

export type AuditVerdict =
  | {
      readonly ok: true
      readonly logs: readonly VerifiedLog[]
      /** Logs that are spoken of in these but lie elsewhere, e.g. the other service's: nothing is known of them. */
      readonly elsewhere: readonly string[]
    }
  | { readonly ok: false; readonly bad: BadRecord }

/**
 * Verifies every log in the folders: chain, order, signatures, and length against the newest signed head found
 * anywhere, the other services' copies included. Logs that are being written may be verified too.
 *
 * @throws when a folder cannot be read
 */
export async function verifyAudit(folders: readonly string[], verify: VerifyHead): Promise<AuditVerdict> {
  try {
    const files = (await Promise.all(folders.map(logsIn))).flat()
    const verifier = new Verifier(verify)
    // All heads first: those of a log that is still being written must not be newer than its records read after them.
    for (const file of files) await verifier.collectHeads(file)
    const logs: VerifiedLog[] = []
    for (const file of files) logs.push(await verifier.verifyLog(file))
    const here = new Set(logs.map(({ origin }) => origin))
    return { ok: true, logs, elsewhere: verifier.origins().filter((origin) => !here.has(origin)) }
  } catch (error) {
    if (error instanceof BadLog) return { ok: false, bad: error.bad }
    throw error
  }
}

/** Paths of one log and of the newest head beside it; either may be missing. */
interface LogFiles {
  readonly log: string
  readonly head: string
}

async function logsIn(folder: string): Promise<LogFiles[]> {
  const instances = new Set<string>()
  for (const name of await readdir(folder)) {
    const instance = /^(.+)\.(?:jsonl|head)$/.exec(name)?.[1]
    if (instance !== undefined) instances.add(instance)
  }
  return [...instances]
    .sort()
    .map((instance) => ({ log: join(folder, `${instance}.jsonl`), head: headFilePath(folder, instance) }))
}

class BadLog extends Error {
  override readonly name = 'BadLog'
  readonly bad: BadRecord

  constructor(bad: BadRecord) {
    super(`${bad.file}:${bad.line}: ${bad.what}`)
    this.bad = bad
  }
}

type Checked = ReturnType<typeof checkLine>

/** A signed head and where it was found. */
interface Voucher {
  readonly head: Head
  readonly where: string
}

class Verifier {
  readonly #verify: VerifyHead
  readonly #opened = new Map<string, Head | null>()
  /** By origin, then by record. */
  readonly #vouchers = new Map<string, Map<number, Voucher>>()

  constructor(verify: VerifyHead) {
    this.#verify = verify
  }

  origins(): string[] {
    return [...this.#vouchers.keys()]
  }

  async collectHeads(files: LogFiles): Promise<void> {
    for await (const line of logLines(files.log)) {
      if (!isHeadLine(line.bytes)) continue
      const own = readOwnRecord(line.bytes.toString('utf8'))
      if (own?.eventType === 'audit.head_refused' || own?.head === undefined) continue
      await this.#collect(own.head, `${files.log}:${line.number}`)
    }
    const newest = await readHeadFile(files.head)
    if (newest !== null) await this.#collect(newest, files.head)
  }

  async verifyLog(files: LogFiles): Promise<VerifiedLog> {
    let tip: ChainTip = { n: 0, hash: AUDIT_GENESIS }
    let origin = ''
    for await (const line of logLines(files.log)) {
      if (line.number === 1) origin = originOf(line.bytes)
      const checked = await this.#checkRecord(line, tip, origin)
      if ('wrong' in checked) throw new BadLog({ file: files.log, line: line.number, what: checked.wrong })
      tip = { n: line.number, hash: checked.hash }
    }
    await this.#checkHeadFile(files, origin)
    return { file: files.log, origin, records: tip.n, vouchedTo: this.#checkLength(files.log, origin, tip.n) }
  }

  async #checkRecord(line: LogLine, tip: ChainTip, origin: string): Promise<Checked> {
    if (!line.complete) return { wrong: 'cut off in the middle' }
    const checked = checkLine(tip, line.bytes)
    if ('wrong' in checked) return checked
    if (origin === '') return { wrong: 'not the opening of a log' }
    const voucher = this.#vouchers.get(origin)?.get(line.number)
    if (voucher !== undefined && voucher.head.hash !== checked.hash) {
      return { wrong: `not the record that the signed head in ${voucher.where} vouches for` }
    }
    if (!isHeadLine(line.bytes)) return checked
    const wrong = await this.#wrongHead(readOwnRecord(line.bytes.toString('utf8')), origin, line.number)
    return wrong === null ? checked : { wrong }
  }

  async #open(text: string): Promise<Head | null> {
    const known = this.#opened.get(text)
    if (known !== undefined) return known
    const head = await openHead(text, this.#verify)
    this.#opened.set(text, head)
    return head
  }

  async #collect(text: string, where: string): Promise<void> {
    const head = await this.#open(text)
    if (head === null) return
    const ofOrigin = this.#vouchers.get(head.origin) ?? new Map<number, Voucher>()
    this.#vouchers.set(head.origin, ofOrigin)
    if (!ofOrigin.has(head.n)) ofOrigin.set(head.n, { head, where })
  }

  async #wrongHead(own: OwnRecord | null, origin: string, n: number): Promise<string | null> {
    if (own?.head === undefined) return 'a record about a head without one'
    const head = await this.#open(own.head)
    if (head === null) return 'its head is not signed by a known key of its service'
    if (head.origin !== own.resource) return 'its head is of another log than it says'
    if (own.eventType !== 'audit.head') return null
    return head.origin === origin && head.n < n ? null : 'its head is not of the records before it'
  }

  async #checkHeadFile(files: LogFiles, origin: string): Promise<void> {
    const newest = await readHeadFile(files.head)
    if (newest === null) return
    const head = await this.#open(newest)
    const isOurs = head !== null && (origin === '' || head.origin === origin)
    if (!isOurs)
      throw new BadLog({ file: files.head, line: 1, what: 'not signed for this log by a known key' })
    if (origin === '')
      throw new BadLog({ file: files.log, line: 1, what: `cut: ${files.head} vouches for ${head.n} records` })
  }

  /** @returns the newest record that a head vouches for */
  #checkLength(file: string, origin: string, records: number): number {
    let vouchedTo = 0
    for (const { head, where } of this.#vouchers.get(origin)?.values() ?? []) {
      if (head.n > records) {
        const what = `cut: the signed head in ${where} vouches for ${head.n} records`
        throw new BadLog({ file, line: records + 1, what })
      }
      vouchedTo = Math.max(vouchedTo, head.n)
    }
    return vouchedTo
  }
}

function originOf(bytes: Buffer): string {
  const own = readOwnRecord(bytes.toString('utf8'))
  return own?.eventType === 'audit.opened' ? own.resource : ''
}
