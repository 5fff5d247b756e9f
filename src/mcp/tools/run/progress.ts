/** How far a call is that reads more than one page. Told while the call runs; what is told is never part of its answer. */
export interface Progress {
  /** So many more records were read, and more are to come. */
  read(records: number): void
}

/** Nobody asked how far. */
export const UNTOLD: Progress = { read: () => undefined }
