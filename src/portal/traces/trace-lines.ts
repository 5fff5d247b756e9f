import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileLines } from '../../kernel/file-lines.ts'
import { type Trace, traceId, traceStep, type TraceStep } from './trace-step.ts'

/** A step as it stands in a file of traces. */
export interface TraceLine {
  readonly id: string
  readonly step: TraceStep
}

const line = traceStep.extend({ id: traceId })

/** JSON in one line, with the id of the trace. */
export const writeLine = ({ id, step }: TraceLine): Buffer =>
  Buffer.from(`${JSON.stringify({ id, ...step })}\n`)

/** `null`: damaged, or of another version. */
export function readLine(bytes: Buffer): TraceLine | null {
  try {
    const { id, ...step } = line.parse(JSON.parse(bytes.toString('utf8')))
    return { id, step }
  } catch {
    return null
  }
}

/** File of one portal in the folder that it may share with others. */
export const traceFilePath = (folder: string, instance: string): string =>
  join(folder, `${instance}${ENDING}`)

/**
 * All traces of a folder, the oldest first, for a reader beside the portals that write them.
 *
 * @throws Error of `node:fs`
 */
export async function readTraces(folder: string): Promise<readonly Trace[]> {
  const traces = new Map<string, TraceStep[]>()
  for (const name of await readdir(folder)) {
    if (!name.endsWith(ENDING)) continue
    for await (const { id, step } of linesOf(join(folder, name))) {
      const known = traces.get(id)
      if (known === undefined) traces.set(id, [step])
      else known.push(step)
    }
  }
  return [...traces].map(([id, steps]) => ({ id, steps })).sort((one, other) => beganMs(one) - beganMs(other))
}

async function* linesOf(path: string): AsyncGenerator<TraceLine> {
  const handle = await open(path, 'r')
  try {
    const { size } = await handle.stat()
    for await (const { bytes, complete } of fileLines(handle.fd, 0, size)) {
      const read = complete ? readLine(bytes) : null
      if (read !== null) yield read
    }
  } finally {
    await handle.close()
  }
}

export const beganMs = ({ steps }: Trace): number => steps[0]?.atMs ?? 0

const ENDING = '.jsonl'
