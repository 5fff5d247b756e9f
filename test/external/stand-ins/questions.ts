import { randomBytes } from 'node:crypto'
import {
  acceptedContent,
  CLIENT_CAPABILITIES_META_KEY,
  createRequestStateCodec,
  inputRequired,
  type CallToolResult,
  type ClientCapabilities,
  type InputRequests,
  type InputRequiredResult,
  type McpServer,
  type ServerContext,
} from '@modelcontextprotocol/server'
import { z } from 'zod'

/** What goes out with a question and comes back unchanged, or is refused before a handler sees it. */
export const states = createRequestStateCodec<{ readonly round: number; readonly name?: string }>({
  key: randomBytes(32),
})

type Answer = CallToolResult | InputRequiredResult
type Asked = ServerContext['mcpReq']

const text = (said: string): CallToolResult => ({ content: [{ type: 'text', text: said }] })
const TEXT = { type: 'string' } as const
const YES_OR_NO = { type: 'boolean' } as const
const form = (message: string, field: string, schema: typeof TEXT | typeof YES_OR_NO = TEXT) =>
  inputRequired.elicit({
    message,
    requestedSchema: { type: 'object', properties: { [field]: schema }, required: [field] },
  })
const sampling = (words: string) =>
  inputRequired.createMessage({
    messages: [{ role: 'user', content: { type: 'text', text: words } }],
    maxTokens: 50,
  })

const member = (asked: Asked, key: string, name: string): unknown =>
  (asked.inputResponses?.[key] as Readonly<Record<string, unknown>> | undefined)?.[name]
const filled = (asked: Asked, key: string, field: string): string | undefined => {
  const value = acceptedContent(asked.inputResponses, key)?.[field]
  return typeof value === 'string' || typeof value === 'boolean' ? String(value) : undefined
}

/** Calls that end in questions (SEP-2322), by the names that the suite calls. */
const TOOLS: Readonly<Record<string, (asked: Asked) => Promise<Answer> | Answer>> = {
  test_input_required_result_elicitation(asked) {
    const name = filled(asked, 'user_name', 'name')
    if (name !== undefined) return text(`Hello, ${name}!`)
    return inputRequired({ inputRequests: { user_name: form('What is your name?', 'name') } })
  },
  test_input_required_result_sampling(asked) {
    const content = member(asked, 'capital_question', 'content')
    if (content !== undefined) return text(`Sampling response: ${JSON.stringify(content)}`)
    return inputRequired({ inputRequests: { capital_question: sampling('What is the capital of France?') } })
  },
  test_input_required_result_list_roots(asked) {
    const roots = member(asked, 'client_roots', 'roots')
    if (Array.isArray(roots)) return text(`Client exposed ${roots.length} root(s): ${JSON.stringify(roots)}`)
    return inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } })
  },
  async test_input_required_result_request_state(asked) {
    const isConfirmed = filled(asked, 'confirm', 'ok') !== undefined
    if (isConfirmed && asked.requestState() !== undefined) return text('state-ok: the state came back whole')
    return confirming()
  },
  async test_input_required_result_multiple_inputs(asked) {
    const name = filled(asked, 'user_name', 'name')
    const greeting = member(asked, 'greeting', 'content')
    const roots = member(asked, 'client_roots', 'roots')
    if (name !== undefined && greeting !== undefined && Array.isArray(roots))
      return text(`${JSON.stringify(greeting)} ${name}: ${roots.length} root(s)`)
    return inputRequired({
      inputRequests: {
        user_name: form('What is your name?', 'name'),
        greeting: sampling('Generate a greeting'),
        client_roots: inputRequired.listRoots(),
      },
      requestState: await states.mint({ round: 1 }),
    })
  },
  async test_input_required_result_multi_round(asked) {
    const { round, name } = asked.requestState<{ round: number; name?: string }>() ?? { round: 0 }
    if (round === 0) {
      const inputRequests = { step1: form('Step 1: What is your name?', 'name') }
      return inputRequired({ inputRequests, requestState: await states.mint({ round: 1 }) })
    }
    if (round === 1) {
      const inputRequests = { step2: form('Step 2: What is your favorite color?', 'color') }
      const given = filled(asked, 'step1', 'name') ?? 'nobody'
      return inputRequired({ inputRequests, requestState: await states.mint({ round: 2, name: given }) })
    }
    return text(`${name ?? 'nobody'} likes ${filled(asked, 'step2', 'color') ?? 'nothing'}`)
  },
  async test_input_required_result_tampered_state(asked) {
    const isConfirmed = filled(asked, 'confirm', 'ok') !== undefined
    return isConfirmed && asked.requestState() !== undefined ? text('integrity-ok') : confirming()
  },
  test_input_required_result_capabilities(asked) {
    if (asked.inputResponses !== undefined) return text('What was asked was answered')
    const envelope = asked.envelope as Readonly<Record<string, unknown>> | undefined
    const declared = envelope?.[CLIENT_CAPABILITIES_META_KEY] as ClientCapabilities | undefined
    const inputRequests: InputRequests = {
      ...(declared?.elicitation !== undefined && { user_name: form('What is your name?', 'name') }),
      ...(declared?.sampling !== undefined && { greeting: sampling('Generate a greeting') }),
      ...(declared?.roots !== undefined && { client_roots: inputRequired.listRoots() }),
    }
    if (Object.keys(inputRequests).length === 0) return text('This client cannot be asked')
    return inputRequired({ inputRequests })
  },
  test_missing_capability: () =>
    inputRequired({ inputRequests: { answer: sampling('Reply with the single word: pong') } }),
}

const confirming = async (): Promise<InputRequiredResult> =>
  inputRequired({
    inputRequests: { confirm: form('Please confirm', 'ok', YES_OR_NO) },
    requestState: await states.mint({ round: 1 }),
  })

export function serveQuestions(mcp: McpServer): void {
  for (const [name, run] of Object.entries(TOOLS)) {
    const config = { description: `Asks back: ${name}`, inputSchema: z.object({}) }
    mcp.registerTool(name, config, async (_args, context) => run(context.mcpReq))
  }
  mcp.registerPrompt(
    'test_input_required_result_prompt',
    { description: 'Asks for its context' },
    ({ mcpReq }) => {
      const given = filled(mcpReq, 'user_context', 'context')
      if (given === undefined)
        return inputRequired({
          inputRequests: { user_context: form('What context should the prompt use?', 'context') },
        })
      return {
        messages: [{ role: 'user', content: { type: 'text', text: `Use the following context: ${given}` } }],
      }
    },
  )
}
