import { fromJsonSchema, type McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'

const NONE = z.object({})
const done = (said: string) => ({ content: [{ type: 'text' as const, text: said }] })

/** Tools that say something before they answer, by the names that the suite calls. */
export function serveStreams(mcp: McpServer): void {
  mcp.registerTool(
    'test_tool_with_progress',
    { description: 'Reports how far it is', inputSchema: NONE },
    async (_args, { mcpReq }) => {
      const progressToken = mcpReq._meta?.progressToken
      for (const progress of progressToken === undefined ? [] : [0, 50, 100])
        await mcpReq.notify({
          method: 'notifications/progress',
          params: { progressToken: progressToken ?? '', progress, total: 100, message: `${progress} of 100` },
        })
      return done(String(progressToken ?? 'nobody asked how far'))
    },
  )
  mcp.registerTool(
    'test_tool_with_logging',
    { description: 'Logs what it does', inputSchema: NONE },
    async (_args, { mcpReq }) => {
      for (const data of ['started', 'processing', 'completed'])
        await mcpReq.notify({ method: 'notifications/message', params: { level: 'info', data } })
      return done('logged')
    },
  )
  mcp.registerTool(
    'test_logging_tool',
    { description: 'Logs to whoever asked for it', inputSchema: NONE },
    async (_args, { mcpReq }) => {
      await logTo(mcpReq, 'only with a level in the request')
      return done('logged')
    },
  )
}

/** Deprecated (SEP-2577), but told as before to whoever still asks for it. */
interface Logs {
  readonly log: (level: 'info', data: unknown) => Promise<void>
}
const logTo = ({ log }: Logs, data: string): Promise<void> => log('info', data)

/** Schemas that must arrive as they are written (SEP-1613, SEP-2106, SEP-2243). */
export function serveSchemas(mcp: McpServer): void {
  const region = { type: 'string', description: 'in a header, too', 'x-mcp-header': 'Region' }
  mcp.registerTool(
    'test_x_mcp_header',
    {
      description: 'Has an argument that a header repeats',
      inputSchema: fromJsonSchema<{ region?: string }>({ type: 'object', properties: { region } }),
    },
    ({ region: given }) => done(`region=${given ?? 'none'}`),
  )
  const address = {
    $anchor: 'addressDef',
    type: 'object',
    properties: { street: { type: 'string' }, city: { type: 'string' } },
  }
  const words = { name: 'string', phone: 'string', email: 'string' }
  mcp.registerTool(
    'json_schema_2020_12_tool',
    {
      description: 'Has a schema with much of the vocabulary of 2020-12',
      inputSchema: fromJsonSchema({
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        type: 'object',
        $defs: { address },
        properties: {
          ...Object.fromEntries(Object.entries(words).map(([name, type]) => [name, { type }])),
          address: { $ref: '#/$defs/address' },
          contactMethod: { type: 'string', enum: ['phone', 'email'] },
        },
        allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
        if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
        ...THEN,
        else: { required: ['email'] },
        additionalProperties: false,
      }),
    },
    () => done('The arguments fit the schema.'),
  )
}

/** By itself, since an object with a member of this name looks like a promise to whoever awaits it. */
const THEN = Object.fromEntries([['then', { required: ['phone'] }]])
