import { err, ok } from '../../../src/kernel/result.ts'
import { defineTool } from '../../../src/mcp/tools/tool.ts'
import { z } from 'zod'
import type { McpServer } from '@modelcontextprotocol/server'
import type { StandIns } from '../../../src/mcp/transport/sdk-server.ts'
import { openDoor, type McpDoor } from '../../support/mcp/mcp-door.ts'
import { serveContents, serveStillPrompts, serveStillResources } from './contents.ts'
import { serveQuestions, states } from './questions.ts'
import { serveSchemas, serveStreams } from './streams.ts'

const FACTS = {
  toolset: 'core',
  scopes: [],
  effect: 'read',
  risk: 'none',
  costUnits: 1,
  reachesOutside: false,
  input: z.strictObject({}),
  output: z.unknown(),
} as const

/** Tools of ours: calls of these two take our direct path, as those of the catalog do. */
const OURS = [
  defineTool({
    ...FACTS,
    name: 'test_simple_text',
    title: 'Simple text',
    description: 'Answers with text',
    run: () => Promise.resolve(ok({ text: 'This is a simple text response for testing.', recordCount: 0 })),
  }),
  defineTool({
    ...FACTS,
    name: 'test_error_handling',
    title: 'An error',
    description: 'Answers with an error',
    run: () =>
      Promise.resolve(
        err({ kind: 'refused', what: 'This tool always refuses.', why: null, next: 'Call another one.' }),
      ),
  }),
]

const UNCHANGING = { listChanged: false } as const
const STAND_INS: StandIns = {
  streams: true,
  options: {
    capabilities: {
      tools: UNCHANGING,
      prompts: UNCHANGING,
      resources: { ...UNCHANGING, subscribe: true },
      logging: {},
      completions: {},
    },
    requestState: { verify: (state, context) => states.verify(state, context) },
  },
  serve(mcp: McpServer) {
    // Listed by the SDK, since it answers the lists here; their calls do not come to it.
    for (const { name, title, description } of OURS)
      mcp.registerTool(name, { title, description }, () => {
        throw new Error('a call that should have taken the direct path')
      })
    serveContents(mcp)
    serveStreams(mcp)
    serveSchemas(mcp)
    serveQuestions(mcp)
    serveStillResources(mcp)
    serveStillPrompts(mcp)
    mcp.server.setRequestHandler('completion/complete', () => ({
      completion: { values: [], hasMore: false },
    }))
  },
}

/** Our routes, admission and transport, with the tools, resources and prompts that the conformance suite asks for. */
export const openStandInServer = (): Promise<McpDoor> => openDoor({ catalog: OURS, standIns: STAND_INS })
