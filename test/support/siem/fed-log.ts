import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import type { Audit, AuditOptions } from '../../../src/audit/audit.ts'
import type { AuditEvent } from '../../../src/audit/event.ts'
import { segmentsOf } from '../../../src/audit/log-files.ts'
import { loadSinks } from '../../../src/audit/sinks/config.ts'
import { openSinks, type Sinks } from '../../../src/audit/sinks/open-sinks.ts'
import type { LineOut } from '../../../src/audit/sinks/receivers/stdout.ts'
import { Metrics } from '../../../src/kernel/metrics.ts'
import { aCall, type AuditKit } from '../audit.ts'
import { captureLog } from '../log.ts'
import { VirtualTime } from './virtual-time.ts'

/** A real audit log, and the sinks that the operator's file names, in time that passes when a test says so. */
export class FedLog {
  readonly time = new VirtualTime()
  readonly metrics = new Metrics('mcp')
  readonly log = captureLog()
  readonly folder: string
  readonly #kit: AuditKit
  #audit: Audit | null = null
  #sinks: Sinks | null = null
  #written = 0

  constructor(kit: AuditKit, folder: string) {
    this.#kit = kit
    this.folder = folder
  }

  get audit(): Audit {
    if (this.#audit === null) throw new Error('the log is not open')
    return this.#audit
  }

  get sinks(): Sinks {
    if (this.#sinks === null) throw new Error('there are no sinks')
    return this.#sinks
  }

  async open(options: Partial<AuditOptions> = {}): Promise<this> {
    this.#audit ??= await this.#kit.open('mcp', this.folder, { clock: this.time.clock, ...options })
    return this
  }

  /** @param sink one, as in AUDIT_SINKS_FILE */
  async feed(
    sink: Readonly<Record<string, unknown>>,
    more: {
      readonly env?: Record<string, string>
      readonly stdout?: LineOut
      readonly metrics?: Metrics
    } = {},
  ): Promise<void> {
    const file = join(this.folder, 'sinks.file')
    await writeFile(file, JSON.stringify({ sinks: [{ name: 'siem', ...sink }] }))
    this.#sinks = openSinks({
      ...{ sinks: loadSinks(file), folder: this.folder, origin: { service: 'mcp', instance: 'mcp-1' } },
      ...{ recordsOnDisk: () => this.audit.recordsOnDisk(), metrics: more.metrics ?? this.metrics },
      ...{ env: more.env ?? {}, stdout: more.stdout ?? new PassThrough() },
      ...{ clock: this.time.clock, log: this.log.log, wait: this.time.wait, random: () => 0.5 },
    })
  }

  async write(count = 1, bend: Partial<AuditEvent> = {}): Promise<void> {
    for (let at = 0; at < count; at++)
      await this.audit.write(aCall({ correlationId: `c${++this.#written}`, ...bend }))
  }

  /** The hashes of all records that are on disk, in order: what a receiver must have in the end. */
  async ids(): Promise<string[]> {
    const segments = await segmentsOf(this.folder, 'mcp-1')
    const texts = await Promise.all(segments.map(({ path }) => readFile(path, 'utf8')))
    return texts
      .flatMap((text) => text.split('\n'))
      .filter((line) => line !== '')
      .map((line) => (JSON.parse(line) as { h: string }).h)
  }

  async figure(name: string): Promise<number> {
    const found = (await this.metrics.text())
      .split('\n')
      .find((line) => line.startsWith(`maximo_mcp_audit_sink_${name}`))
    return Number(found?.split(' ').at(-1) ?? Number.NaN)
  }

  async close(): Promise<void> {
    await this.#sinks?.close()
    await this.#audit?.close()
    await this.metrics.close()
  }
}
