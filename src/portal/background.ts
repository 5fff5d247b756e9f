import type { Log } from '../kernel/log.ts'
import { isOutage } from './outage.ts'

export interface Background {
  /** Stops repeating and waits for the run that is under way. */
  close(): Promise<void>
}

export interface Repeated {
  readonly name: string
  readonly everyMs: number
  readonly log: Log
  readonly work: () => Promise<void>
}

/** Runs something now and again and again, one run at a time, a little out of step with other processes. */
export function repeat({ name, everyMs, log, work }: Repeated): Background {
  let timer: NodeJS.Timeout | undefined
  let isClosed = false
  const run = async (): Promise<void> => {
    try {
      await work()
    } catch (error) {
      // The next run tries again; an outage is nothing to be woken for.
      if (isOutage(error)) log.warn({ job: name, err: error }, 'job could not run')
      else log.error({ job: name, err: error }, 'job failed')
    }
    if (isClosed) return
    timer = setTimeout(
      () => {
        running = run()
      },
      everyMs * (0.75 + Math.random() / 2),
    )
    timer.unref()
  }
  let running = run()
  return {
    close: async () => {
      isClosed = true
      clearTimeout(timer)
      await running
    },
  }
}
