import { ResourceTemplate, type CallToolResult, type McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'

/** One red pixel as PNG, and a WAV file without a sample. */
const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=='
const SILENCE = 'UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA='

const image = { type: 'image', data: PIXEL, mimeType: 'image/png' } as const
const embedded = (uri: string, text: string) =>
  ({ type: 'resource', resource: { uri, mimeType: 'text/plain', text } }) as const

/** Answers of every kind of content, by the names that the suite calls. */
const ANSWERS: Readonly<Record<string, CallToolResult['content']>> = {
  test_image_content: [image],
  test_audio_content: [{ type: 'audio', data: SILENCE, mimeType: 'audio/wav' }],
  test_embedded_resource: [embedded('test://embedded-resource', 'This is an embedded resource content.')],
  test_multiple_content_types: [
    { type: 'text', text: 'Multiple content types test:' },
    image,
    embedded('test://mixed-content-resource', '{"test":"data","value":123}'),
  ],
  test_streaming_elicitation: [{ type: 'text', text: 'no request stands on this stream' }],
}

export function serveContents(mcp: McpServer): void {
  for (const [name, content] of Object.entries(ANSWERS))
    mcp.registerTool(
      name,
      { description: `Answers with ${content.map(({ type }) => type).join(', ')}` },
      () => ({
        content,
      }),
    )
}

export function serveStillResources(mcp: McpServer): void {
  const still = (
    name: string,
    contents: { mimeType: string } & ({ text: string } | { blob: string }),
  ): void => {
    const uri = `test://${name}`
    const { mimeType } = contents
    mcp.registerResource(
      name,
      uri,
      { title: name, description: `A resource of ${mimeType}`, mimeType },
      () => ({
        contents: [{ uri, ...contents }],
      }),
    )
  }
  still('static-text', { mimeType: 'text/plain', text: 'This is the content of the static text resource.' })
  still('static-binary', { mimeType: 'image/png', blob: PIXEL })
  still('watched-resource', { mimeType: 'text/plain', text: 'Nothing happens here.' })
  mcp.registerResource(
    'template',
    new ResourceTemplate('test://template/{id}/data', { list: undefined }),
    { title: 'A template', description: 'Data by its id', mimeType: 'application/json' },
    (uri, { id }) => ({
      contents: [
        {
          uri: uri.href,
          mimeType: 'application/json',
          text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${String(id)}` }),
        },
      ],
    }),
  )
  // Only the older revisions subscribe to one resource at a time.
  mcp.server.setRequestHandler('resources/subscribe', () => ({}))
  mcp.server.setRequestHandler('resources/unsubscribe', () => ({}))
}

export function serveStillPrompts(mcp: McpServer): void {
  const said = (text: string) => ({ role: 'user', content: { type: 'text', text } }) as const
  mcp.registerPrompt('test_simple_prompt', { description: 'Without arguments' }, () => ({
    messages: [said('This is a simple prompt for testing.')],
  }))
  const two = z.object({ arg1: z.string().describe('The first'), arg2: z.string().describe('The second') })
  mcp.registerPrompt(
    'test_prompt_with_arguments',
    { description: 'With two arguments', argsSchema: two },
    ({ arg1, arg2 }) => ({ messages: [said(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)] }),
  )
  const one = z.object({ resourceUri: z.string().describe('What to embed') })
  mcp.registerPrompt(
    'test_prompt_with_embedded_resource',
    { description: 'With a resource in it', argsSchema: one },
    ({ resourceUri }) => ({
      messages: [
        { role: 'user', content: embedded(resourceUri, 'Embedded resource content for testing.') },
        said('Please process the embedded resource above.'),
      ],
    }),
  )
  mcp.registerPrompt('test_prompt_with_image', { description: 'With an image in it' }, () => ({
    messages: [{ role: 'user', content: image }, said('Please analyze the image above.')],
  }))
}
