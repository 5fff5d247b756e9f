import type { GetPromptResult, McpServer } from '@modelcontextprotocol/server'
import type { Prompt } from '../prompts/prompt.ts'
import { promptText, type ServedPrompts } from '../prompts/served-prompts.ts'
import type { Exchange } from './sdk-exchange.ts'
import { problemError } from './sdk-resources.ts'

/** `prompts/list` and `prompts/get`, for one message. Nothing of Maximo is read for them. */
export function servePromptsIn(
  { server }: McpServer,
  exchange: Exchange,
  { prompts }: { readonly prompts: ServedPrompts },
): void {
  const { access } = exchange
  server.setRequestHandler('prompts/list', () => ({ prompts: prompts.listed(access).map(listed) }))
  server.setRequestHandler('prompts/get', ({ params }): GetPromptResult => {
    const found = prompts.find(params.name, access)
    if (!found.ok) throw problemError(found.error, exchange)
    const { prompt } = found.value
    const text = promptText(prompt, params.arguments ?? {}, access)
    if (!text.ok) throw problemError(text.error, exchange)
    return {
      description: prompt.description,
      messages: [{ role: 'user', content: { type: 'text', text: text.value } }],
    }
  })
}

const listed = ({ name, title, description, arguments: all }: Prompt) => ({
  ...{ name, title, description },
  arguments: Object.entries(all).map(([argument, { description: said, isOptional }]) => ({
    ...{ name: argument, description: said, required: isOptional !== true },
  })),
})
