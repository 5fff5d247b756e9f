import { appendFile, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isTraceId, type Trace, traceStep, type TraceStep } from './trace-step.ts'

/** Traces on disk: `<folder>/<id>.jsonl`, a line per step. A trace is a diagnosis, no record: it is never flushed. */
const ENDING = '.jsonl'
const fileOf = (folder: string, id: string): string => join(folder, `${id}${ENDING}`)

/** @throws Error of `node:fs` */
export const appendStep = (folder: string, id: string, step: TraceStep): Promise<void> =>
  appendFile(fileOf(folder, id), `${JSON.stringify(step)}\n`, { mode: 0o600 })

export const removeTrace = (folder: string, id: string): Promise<void> =>
  rm(fileOf(folder, id), { force: true })

/** `null`: there is none, or nothing in it can be read. A line cut by a crash, or of another version, is left out. */
export async function readTrace(folder: string, id: string): Promise<Trace | null> {
  if (!isTraceId(id)) return null
  const text = await readFile(fileOf(folder, id), 'utf8').catch(() => '')
  const steps = text.split('\n').flatMap((line) => readStep(line))
  return steps.length === 0 ? null : { id, steps }
}

function readStep(line: string): readonly TraceStep[] {
  try {
    const read = traceStep.safeParse(JSON.parse(line))
    return read.success ? [read.data] : []
  } catch {
    return []
  }
}

/** All of a folder, the oldest first. */
export async function readTraces(folder: string): Promise<readonly Trace[]> {
  const names = await readdir(folder).catch(() => [])
  const traces: Trace[] = []
  for (const name of names) {
    if (!name.endsWith(ENDING)) continue
    const trace = await readTrace(folder, name.slice(0, -ENDING.length))
    if (trace !== null) traces.push(trace)
  }
  return traces.sort((one, other) => beganMs(one) - beganMs(other))
}

export const beganMs = ({ steps }: Trace): number => steps[0]?.atMs ?? 0
