/** A part of the whole, for a quick look: `SOAK_SHARE=0.01`. */
export const soakShare = (): number => {
  const share = Number(process.env['SOAK_SHARE'] ?? 1)
  if (!(share > 0 && share <= 1)) throw new Error('SOAK_SHARE is a number above 0, at most 1.')
  return share
}

/** A figure for a note: printed, with its unit. */
export const figure = (what: string, value: number, unit: string): void => {
  const text = Number.isInteger(value) ? String(value) : value.toPrecision(4)
  console.log(`figure ${what}: ${text} ${unit}`)
}

/** Milliseconds of monotonic time that something takes, and what it gives. */
export const timed = async <T>(
  run: () => Promise<T>,
): Promise<{ readonly result: T; readonly ms: number }> => {
  const start = performance.now()
  const result = await run()
  return { result, ms: performance.now() - start }
}

/** Bytes on the heap that are still in use. */
export const heapInUse = (): number => {
  if (globalThis.gc === undefined) throw new Error('run with --expose-gc, as npm run soak does')
  globalThis.gc()
  return process.memoryUsage().heapUsed
}
