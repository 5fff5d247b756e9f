import { setTimeout as pause } from 'node:timers/promises'
import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import type { Metrics } from '../../kernel/metrics.ts'
import type { SinkConfig } from './config.ts'
import { cursorPath } from './cursor.ts'
import type { Origin } from './event.ts'
import { Feed } from './feed.ts'
import { describeSinks } from './figures.ts'
import { openReceiver } from './open-receiver.ts'
import { LogReader } from './reader.ts'
import type { LineOut } from './receivers/stdout.ts'
import type { Wait } from './sink.ts'

export interface SinksOptions {
  readonly sinks: readonly SinkConfig[]
  /** Of the audit log; cursors lie in `<folder>/sinks`. */
  readonly folder: string
  readonly origin: Origin
  /** Number of the last durable record of the log. */
  readonly recordsOnDisk: () => number
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdout: LineOut
  readonly metrics: Metrics
  readonly clock: Clock
  readonly log: Log
  /** For tests: real time passes otherwise, and chance decides. */
  readonly wait?: Wait
  readonly random?: () => number
}

export interface Sinks {
  /** Why the service is not ready: required sinks that are behind. */
  readonly reasons: () => readonly string[]
  /** What an operator should know of the others. */
  readonly notes: () => readonly string[]
  /** Waits for what is out, a moment at most. */
  close(): Promise<void>
}

/** Starts what brings the audit log to the places outside. @throws ConfigError */
export function openSinks(options: SinksOptions): Sinks {
  const { sinks, folder, origin, metrics, clock, log, wait = realWait } = options
  const feeds: Feed[] = []
  const figures = describeSinks(metrics, () => feeds.map((feed) => feed.state()))
  const required = new Set<Feed>()
  const reader = new LogReader(folder, origin.instance)
  for (const config of sinks) {
    const feed = new Feed({
      ...{ name: config.name, start: config.start, behindAfterS: config.behindAfterS },
      ...{ origin, reader, figures, clock, log, wait },
      receiver: openReceiver(config, { ...options, wait }),
      recordsOnDisk: options.recordsOnDisk,
      cursorPath: cursorPath(folder, origin.instance, config.name),
      random: options.random ?? Math.random,
    })
    feeds.push(feed)
    if (config.required) required.add(feed)
  }
  for (const feed of feeds) feed.start()
  const remarks = (isWanted: boolean): readonly string[] =>
    feeds.filter((feed) => required.has(feed) === isWanted).flatMap((feed) => feed.remark() ?? [])
  return {
    reasons: () => remarks(true),
    notes: () => remarks(false),
    close: async () => {
      await Promise.all(feeds.map((feed) => feed.close()))
    },
  }
}

const realWait: Wait = (ms, signal) => pause(ms, undefined, { signal, ref: false }).catch(() => undefined)
