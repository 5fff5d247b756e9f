import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { isoTime } from '../kernel/clock.ts'
import { describeStep, STEP_NAMES } from '../portal/traces/describe-step.ts'
import { beganMs, readTraces } from '../portal/traces/trace-lines.ts'
import type { Trace, TraceStep } from '../portal/traces/trace-step.ts'
import type { Out } from './keys.ts'
import { readOptions } from './read-options.ts'

const USAGE = `maximo-mcp doctor connection [<id>] [--data <folder>]   (default: DATA_DIR, else ./data)
  <id>: a reference from an error page or X-Correlation-Id, a login attempt, a connection, or a client id; without it the newest are listed`
const NEWEST = 20

/**
 * `maximo-mcp doctor connection`: why a client did or did not connect, from the traces on the portal's host. 0 when there
 * is one, 64 for wrong usage, 66 when there is none.
 */
export async function runDoctor(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  out: Out,
): Promise<number> {
  const asked = readArguments(args)
  if (asked === null) {
    out.problem(USAGE)
    return 64
  }
  const folder = join(resolve(asked.data ?? env['DATA_DIR'] ?? './data'), 'portal', 'traces')
  if (!existsSync(folder)) {
    out.problem(`No traces under ${folder}. The portal writes them on its own host.`)
    return 66
  }
  const traces = await readTraces(folder)
  if (asked.id === undefined) return listNewest(traces, out)
  const found = traces.filter((trace) => isMeant(trace, asked.id))
  if (found.length === 0) {
    out.problem(`No login attempt has “${asked.id}” as its id, reference, connection or client.`)
    return 66
  }
  for (const trace of found.slice(-NEWEST)) tell(trace, out)
  return 0
}

function readArguments(
  args: readonly string[],
): { readonly id: string | undefined; readonly data: string | undefined } | null {
  const [subject, first, ...rest] = args
  if (subject !== 'connection') return null
  // Ids are base64url, so one in 64 begins as an option does.
  const isId = first !== undefined && !first.startsWith('--')
  const left = isId || first === undefined ? rest : [first, ...rest]
  const read = readOptions({ args: left, options: { data: { type: 'string' } } })
  return read === null ? null : { id: isId ? first : undefined, data: read.values.data }
}

const isMeant = ({ id, steps }: Trace, name: string | undefined): boolean =>
  id === name || steps.some(({ reference, gid, cid }) => reference === name || gid === name || cid === name)

function listNewest(traces: readonly Trace[], out: Out): number {
  for (const { id, steps } of traces.slice(-NEWEST)) {
    const last = steps.at(-1)
    if (last !== undefined)
      out.line(
        `${id}  ${timeOf(last)}  ${STEP_NAMES[last.step]}: ${last.reason ?? last.outcome}  ${last.cid ?? ''}`,
      )
  }
  return 0
}

function tell(trace: Trace, out: Out): void {
  const owner = trace.steps.find(({ sub }) => sub !== undefined)?.sub ?? 'nobody signed in'
  out.line(`Login attempt ${trace.id}, begun ${isoTime(beganMs(trace))}, owner: ${owner}`)
  for (const step of trace.steps) {
    const { name, why, todo, sent, known, from, reference, reason } = describeStep(step)
    out.line(`\n${timeOf(step)}  ${name}: ${step.outcome}${reason === null ? '' : ` (${reason})`}`)
    if (why !== '') out.line(`  why   ${why}\n  do    ${todo}`)
    for (const [label, value] of sent) out.line(`  sent  ${label}: ${value}`)
    for (const [label, value] of known) out.line(`  here  ${label}: ${value}`)
    out.line(`  from  ${from}\n  ref   ${reference}`)
  }
  out.line('')
}

const timeOf = ({ atMs }: TraceStep): string => isoTime(atMs)
