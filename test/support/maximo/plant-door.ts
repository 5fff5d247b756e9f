import type { Simulator, SimulatorOptions } from '../../../src/dev/simulator/contract.ts'
import type { SimulatorRules } from '../../../src/dev/simulator/rules.ts'
import { startSimulator } from '../../../src/dev/simulator/simulator.ts'
import { CATALOG } from '../../../src/mcp/tools/catalog/catalog.ts'
import { openDoor, type DoorOptions, type McpDoor } from '../mcp/mcp-door.ts'
import { call, legacyRequest } from '../mcp/mcp-requests.ts'

/** What a tool answered. */
export interface ToolReply {
  readonly text: string
  readonly isError: boolean
  /** The JSON of a compact or json answer. */
  readonly body: Readonly<Record<string, unknown>>
}

/** The MCP routes in front of the simulated plant. */
export interface PlantDoor {
  readonly door: McpDoor
  readonly simulator: Simulator
  /** Calls a tool as an account of the simulator (`planner@example.com` unless said otherwise). */
  ask(tool: string, args?: unknown, as?: string, scope?: string): Promise<ToolReply>
  close(): Promise<void>
}

/** @param rules where this Maximo is set up otherwise than most */
export async function openPlantDoor(
  options: DoorOptions = {},
  rules: Partial<SimulatorRules> = {},
  built: Pick<SimulatorOptions, 'seed' | 'size'> = {},
): Promise<PlantDoor> {
  const door = await openDoor(options)
  const simulator = await startSimulator({ port: 0, clock: door.workshop.clock, rules, ...built })
  const tokens = new Map<string, Promise<string>>()
  const tokenOf = (account: string, scope: string): Promise<string> => {
    const key = `${account} ${scope}`
    const known = tokens.get(key)
    if (known !== undefined) return known
    const { apiKey } = simulator.accounts.of(account)
    const made = door.token({
      scope,
      subject: `user_${account}`,
      maximo: { baseUrl: simulator.baseUrl, apiKey },
    })
    tokens.set(key, made)
    return made
  }
  return {
    door,
    simulator,
    ask: async (tool, args = {}, as = 'planner@example.com', scope = 'maximo:read offline_access') =>
      askTool(door, { tool, args, token: await tokenOf(as, scope) }),
    async close() {
      await door.close()
      await simulator.close()
    },
  }
}

interface ToolQuestion {
  readonly tool: string
  readonly args: unknown
  readonly token: string
  /** Lists the tool; the default list unless said. */
  readonly url?: string
}

/** Calls a tool with a token. @throws when the call itself is refused */
export async function askTool(
  door: McpDoor,
  { tool, args, token, url = '/mcp' }: ToolQuestion,
): Promise<ToolReply> {
  const answer = await door.app.inject({ ...legacyRequest(call(tool, args), token), url })
  const { result } = answer.json<{ result?: { content: { text: string }[]; isError?: boolean } }>()
  if (result === undefined) throw new Error(`no result: ${answer.statusCode} ${answer.body}`)
  const text = result.content[0]?.text ?? ''
  const body = text.startsWith('{') ? (JSON.parse(text.split('\n')[0] ?? '') as ToolReply['body']) : {}
  const isError = result.isError === true
  if (!isError) holdToOutput(tool, args, body)
  return { text, isError, body }
}

/** Every successful answer of every test is what its tool says it answers; tools of a test's own say nothing. */
function holdToOutput(name: string, args: unknown, body: unknown): void {
  const { tool: inner } = args as { readonly tool?: unknown }
  const tool = CATALOG.find((one) => one.name === (name.startsWith('call_') ? inner : name))
  if (tool === undefined) return
  const held = tool.output.safeParse(body)
  if (!held.success) throw new Error(`${tool.name} answered something else: ${held.error.message}`)
}
