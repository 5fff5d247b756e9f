import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Log } from '../kernel/log.ts'
import type { Metrics } from '../kernel/metrics.ts'
import type { Audit } from './audit.ts'

export interface HeadsAbroadOptions {
  /** A folder that whoever can write to our own cannot write to, or cannot take anything back from. It must be there. */
  readonly folder: string
  readonly service: 'portal' | 'mcp'
  readonly instance: string
  readonly audit: Pick<Audit, 'head'>
  readonly metrics: Metrics
  readonly log: Log
  /** Default 60,000. */
  readonly everyMs?: number
}

/**
 * Keeps the newest head of a log in a folder elsewhere, one a line in `<service>.<instance>.heads`, once a minute while
 * there is news and at the end: what is cut off the log behind it shows (`maximo-mcp audit verify --head`). A folder that
 * does not answer holds nothing up; when it is back it is given the newest head, which vouches for all before it.
 */
export class HeadsAbroad {
  readonly #options: HeadsAbroadOptions
  readonly #timer: NodeJS.Timeout
  readonly #given
  #last: string | null = null
  #giving: Promise<void> | null = null

  constructor(options: HeadsAbroadOptions) {
    this.#options = options
    this.#given = countGiven(options.metrics)
    this.#timer = setInterval(() => void this.give(), options.everyMs ?? EVERY_MS)
    this.#timer.unref()
  }

  /** Gives the newest head now, unless it was given before. What goes wrong is logged and counted. */
  give(): Promise<void> {
    this.#giving ??= this.#give().finally(() => (this.#giving = null))
    return this.#giving
  }

  async #give(): Promise<void> {
    const { audit, log, folder, service, instance } = this.#options
    const path = join(folder, `${service}.${instance}.heads`)
    try {
      const head = await audit.head()
      if (head === this.#last) return
      await appendLine(path, head)
      this.#last = head
      this.#given.inc({ outcome: 'success' })
    } catch (error) {
      this.#given.inc({ outcome: 'failed' })
      log.error({ event: 'audit.head_not_given', path, err: error })
    }
  }

  /** Gives a last one. A folder that hangs is not waited for. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    let timer: NodeJS.Timeout | undefined
    const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, PATIENCE_MS)))
    await Promise.race([this.give(), patience])
    clearTimeout(timer)
  }
}

/** As {@link HeadsAbroad}; nothing happens where there is no such folder. */
export function keepHeadsAbroad({
  folder,
  ...options
}: Omit<HeadsAbroadOptions, 'folder'> & { readonly folder: string | undefined }): Pick<HeadsAbroad, 'close'> {
  if (folder !== undefined) return new HeadsAbroad({ ...options, folder })
  // Every server has the same figures, so that a dashboard finds them.
  countGiven(options.metrics)
  return { close: () => Promise.resolve() }
}

const countGiven = (metrics: Metrics): ReturnType<typeof metrics.counter<'outcome'>> =>
  metrics.counter(
    'maximo_mcp_audit_heads_given_total',
    'Heads of the audit log given to AUDIT_HEADS_DIR, by outcome.',
    ['outcome'],
  )

/** A line, on the device. One that a crash left half is ended first: it is no head, and spoils none. */
async function appendLine(path: string, line: string): Promise<void> {
  const handle = await open(path, 'a+', 0o600)
  try {
    const { size } = await handle.stat()
    const last = Buffer.alloc(1)
    if (size > 0) await handle.read(last, 0, 1, size - 1)
    const isTorn = size > 0 && last.toString() !== '\n'
    await handle.appendFile(`${isTorn ? '\n' : ''}${line}\n`)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const EVERY_MS = 60_000
const PATIENCE_MS = 5_000
