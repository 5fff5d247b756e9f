import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { getToolUiResourceUri } from '@modelcontextprotocol/ext-apps/app-bridge'
import type { McpUiResourceCsp } from '@modelcontextprotocol/ext-apps'
import { EXTENSION_ID, RESOURCE_MIME_TYPE } from '@modelcontextprotocol/ext-apps/server'
import type { Browser } from 'playwright-core'
import { openAppHost, type AppHost, type AppHostOptions } from './app-host.ts'

export type ToolArguments = Record<string, unknown>

/** A client of today that shows pictures, as a person uses it. */
export interface AppClient {
  readonly client: Client
  /** Calls a tool and gives its text. */
  call(tool: string, args: ToolArguments): Promise<string>
  /** Calls a tool and shows the picture that the list names for it. */
  show(tool: string, args: ToolArguments, options?: HostWish): Promise<AppHost>
  /** Shows the picture of a tool with a result of the test's own. */
  showResult(tool: string, text: string, options?: HostWish): Promise<AppHost>
  /** Puts away what was shown. */
  hide(): Promise<void>
  close(): Promise<void>
}
export type HostWish = Pick<AppHostOptions, 'context' | 'isBare'>

export async function openAppClient(address: string, token: string, browser: Browser): Promise<AppClient> {
  const extensions = { [EXTENSION_ID]: { mimeTypes: [RESOURCE_MIME_TYPE] } }
  const client = new Client(
    { name: 'a client with pictures', version: '1.0' },
    { capabilities: { extensions }, versionNegotiation: { mode: 'auto' } },
  )
  const requestInit = { headers: { authorization: `Bearer ${token}` } }
  await client.connect(new StreamableHTTPClientTransport(new URL(address), { requestInit }))
  const { tools } = await client.listTools()
  const hosts: AppHost[] = []

  async function open(tool: string, options: HostWish): Promise<AppHost> {
    const listed = tools.find(({ name }) => name === tool)
    const uri = listed === undefined ? undefined : getToolUiResourceUri(listed)
    if (listed === undefined || uri === undefined) throw new Error(`no picture is listed for ${tool}`)
    const [page] = (await client.readResource({ uri })).contents
    if (page?.mimeType !== RESOURCE_MIME_TYPE || !('text' in page)) throw new Error(`${uri} is no page`)
    const { csp } = page._meta?.['ui'] as { csp: McpUiResourceCsp }
    const context = { toolInfo: { tool: listed }, ...options.context }
    const host = await openAppHost(browser, { html: page.text, csp, client, ...options, context })
    hosts.push(host)
    return host
  }

  async function hide(): Promise<void> {
    for (const host of hosts.splice(0)) await host.close()
  }

  const callTool = async (tool: string, args: ToolArguments) =>
    client.callTool({ name: tool, arguments: args })
  const textOf = ({ content }: Awaited<ReturnType<typeof callTool>>): string =>
    content.map((part) => (part.type === 'text' ? part.text : '')).join('')

  return {
    client,
    call: async (tool, args) => textOf(await callTool(tool, args)),
    async show(tool, args, options = {}) {
      const { content, isError } = await callTool(tool, args)
      const host = await open(tool, options)
      await host.bridge.sendToolInput({ arguments: args })
      await host.bridge.sendToolResult({ content, ...(isError !== undefined && { isError }) })
      return host
    },
    async showResult(tool, text, options = {}) {
      const host = await open(tool, options)
      await host.bridge.sendToolInput({ arguments: {} })
      await host.bridge.sendToolResult({ content: [{ type: 'text', text }] })
      return host
    },
    hide,
    async close() {
      await hide()
      await client.close()
    },
  }
}
