import type { AuditEvent } from '../event.ts'
import type { RunningDetection } from './open-detection.ts'

/** A log is open before there is anything to look with: what it says until then is read back from it. */
export class LateDetection {
  #running: RunningDetection | undefined

  begin(running: RunningDetection): void {
    this.#running = running
  }

  readonly hear = (event: AuditEvent): void => this.#running?.hear(event)
}
