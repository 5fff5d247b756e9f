import { z } from 'zod'
import { err, ok } from '../../../src/kernel/result.ts'
import { defineTool, type Tool, type ToolFacts } from '../../../src/mcp/tools/tool.ts'

const FACTS: Omit<ToolFacts, 'name' | 'title' | 'description'> & { readonly output: z.ZodType } = {
  toolset: 'core',
  scopes: ['maximo:read'],
  effect: 'read',
  risk: 'none',
  costUnits: 1,
  reachesOutside: false,
  output: z.unknown(),
}

/** Tools without a Maximo behind them, for what is true of every tool. */
export const echo: Tool = defineTool({
  ...FACTS,
  name: 'echo_text',
  title: 'Echo',
  description: 'Says what it was told.',
  input: z.strictObject({ text: z.string().max(100), times: z.int().min(1).max(3).default(1) }),
  run: ({ text, times }) => Promise.resolve(ok({ text: text.repeat(times), recordCount: times })),
})

export const refusing: Tool = defineTool({
  ...FACTS,
  name: 'always_refuses',
  title: 'Refuse',
  description: 'Has a problem.',
  input: z.strictObject({}),
  run: () =>
    Promise.resolve(err({ kind: 'not_found', what: 'Nothing.', why: null, next: 'Look elsewhere.' })),
})

export const SECRET_CAUSE = 'upstream said: password=hunter2'

export const broken: Tool = defineTool({
  ...FACTS,
  name: 'always_breaks',
  title: 'Break',
  description: 'Throws.',
  input: z.strictObject({}),
  run: () => Promise.reject(new Error(SECRET_CAUSE)),
})

export const writing: Tool = defineTool({
  ...FACTS,
  name: 'write_text',
  title: 'Write',
  description: 'Needs the scope to write.',
  scopes: ['maximo:write'],
  effect: 'change',
  input: z.strictObject({}),
  run: () => Promise.resolve(ok({ text: 'written', recordCount: 1 })),
})

/** A tool that runs until its call ends, and what it saw. */
export function waiting(): {
  readonly tool: Tool
  readonly started: Promise<void>
  readonly ended: Promise<unknown>
} {
  let start: () => void = () => undefined
  let end: (reason: unknown) => void = () => undefined
  const started = new Promise<void>((resolve) => (start = resolve))
  const ended = new Promise<unknown>((resolve) => (end = resolve))
  const tool = defineTool({
    ...FACTS,
    name: 'wait_forever',
    title: 'Wait',
    description: 'Waits.',
    input: z.strictObject({}),
    run: (_input, { call }) =>
      new Promise((_resolve, reject) => {
        call.signal.addEventListener('abort', () => {
          end(call.signal.reason)
          reject(call.signal.reason instanceof Error ? call.signal.reason : new Error('ended'))
        })
        start()
      }),
  })
  return { tool, started, ended }
}
