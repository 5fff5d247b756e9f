import type { CallSignal } from '../../kernel/call-signal.ts'
import { ok } from '../../kernel/result.ts'
import type { Refusal } from '../admission/refusal.ts'
import type { ToolAccess } from '../tools/access/tool-access.ts'
import { demandOf } from '../tools/access/policy.ts'
import { runWork, type WorkRunner } from '../tools/run/run-work.ts'
import type { ToolProblem } from '../tools/problem/tool-problem.ts'
import type { ToolFacts } from '../tools/tool.ts'
import type { FixedResource, ResourceContent } from './resource.ts'
import type { Found, ServedResources } from './served-resources.ts'

export interface Reading {
  readonly uri: string
  readonly access: ToolAccess
  readonly signal: CallSignal
}

export type ReadOutcome =
  | { readonly kind: 'read'; readonly contents: readonly ResourceContent[]; readonly ttlMs: number }
  | { readonly kind: 'problem'; readonly problem: ToolProblem }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'abandoned' }

/** What a client may keep for as long as it keeps a list. */
const FIXED_TTL_MS = 300_000

/**
 * `resources/read`, whole: what the address leads to, admission, the reading, its audit record. Nobody learns whether an
 * address leads anywhere before admission has let them in.
 */
export async function readResource(
  reading: Reading,
  served: ServedResources,
  runner: WorkRunner,
): Promise<ReadOutcome> {
  const found = served.find(reading.uri, reading.access)
  if (!found.ok) {
    const refusal = await admitPlainly(null, reading, runner)
    return refusal === null ? { kind: 'problem', problem: found.error } : { kind: 'refused', refusal }
  }
  if (found.value.kind === 'template') return readTemplate(found.value, reading, runner)
  const refusal = await admitPlainly(found.value.tool, reading, runner)
  if (refusal !== null) return { kind: 'refused', refusal }
  return { kind: 'read', contents: [contentOf(found.value.resource, reading.uri)], ttlMs: FIXED_TTL_MS }
}

async function readTemplate(
  { resource, tool, values }: Extract<Found, { kind: 'template' }>,
  { uri, access, signal }: Reading,
  runner: WorkRunner,
): Promise<ReadOutcome> {
  const outcome = await runWork(
    {
      ...{ action: 'resources/read', tool, args: values, access, signal },
      prepared: ok((context) => resource.read(values, context, uri)),
      asking: { canElicit: false, reply: null },
    },
    runner,
  )
  if (outcome.kind !== 'done') return outcome
  const { result } = outcome
  if (!result.ok) return { kind: 'problem', problem: result.error }
  return { kind: 'read', contents: result.value.contents, ttlMs: resource.ttlMs }
}

/** One message of the profile's rate, no lease and no quota: nothing is asked of Maximo. */
async function admitPlainly(
  tool: ToolFacts | null,
  { access: { caller } }: Reading,
  { admission }: WorkRunner,
): Promise<Refusal | null> {
  const demand =
    tool === null
      ? { kind: 'message' as const, method: 'resources/read' }
      : { ...demandOf(tool, undefined, caller.facts), method: 'resources/read' }
  const admitted = await admission.admit(caller, demand)
  if (!admitted.ok) return admitted.error
  await admitted.value.release()
  return null
}

const contentOf = ({ mimeType, text, meta }: FixedResource, uri: string): ResourceContent => ({
  uri,
  mimeType,
  text,
  ...(meta !== undefined && { _meta: meta }),
})
