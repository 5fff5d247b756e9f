/** A started service, for the composition root that must end it. */
export interface Running {
  /** Origin where it answers, e.g. `http://127.0.0.1:8080`; the real port when 0 was asked for. */
  readonly url: string
  /** Says that it leaves, and goes on serving until balancers will have noticed. To be closed then. */
  leave?(): Promise<void>
  /** Stops taking requests, lets the running ones end, closes journals and connections. Safe to call twice. */
  close(): Promise<void>
}
