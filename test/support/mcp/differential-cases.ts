import { uriOf } from '../../../src/mcp/resources/uri.ts'
import {
  call,
  ENVELOPE,
  legacyBody,
  MODERN,
  modernBody,
  modernHeaders,
  type RpcMessage,
} from './mcp-requests.ts'
import { aReceipt } from '../crypto/token-workshop.ts'

export interface Case {
  readonly name: string
  readonly method: string
  readonly headers: Record<string, string>
  readonly payload?: string
}

const BASE = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
type Bend = Record<string, string | undefined>

/** A header bent to `undefined` is left out. */
function headersOf(own: Record<string, string>, bend: Bend): Record<string, string> {
  const all = Object.entries<string | undefined>({ ...BASE, ...own, ...bend })
  return Object.fromEntries(all.filter((entry): entry is [string, string] => entry[1] !== undefined))
}

const raw = (name: string, payload: unknown, headers: Record<string, string> = {}): Case => ({
  name,
  method: 'POST',
  headers: headersOf(headers, {}),
  payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
})

const legacy = (name: string, message: RpcMessage, bend: Bend = {}): Case => ({
  name: `legacy: ${name}`,
  method: 'POST',
  headers: headersOf({ 'mcp-protocol-version': '2025-11-25' }, bend),
  payload: JSON.stringify(legacyBody(message)),
})

const modern = (name: string, message: RpcMessage, bend: Bend = {}): Case => ({
  name: `modern: ${name}`,
  method: 'POST',
  headers: headersOf(modernHeaders(message), bend),
  payload: JSON.stringify(modernBody(message)),
})

/** The same message in both eras. */
const both = (name: string, message: RpcMessage): Case[] => [legacy(name, message), modern(name, message)]

const hello = call('echo_text', { text: 'hello' })
const withMeta = (meta: object): RpcMessage => ({ ...hello, params: { ...hello.params, _meta: meta } })
/** A modern body with a `_meta` of its own making. */
const bareModern = (name: string, params: object, bend: Bend = {}): Case => ({
  name: `modern: ${name}`,
  method: 'POST',
  headers: headersOf(modernHeaders(hello), bend),
  payload: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
})
const { params: helloParams = {} } = hello

const CALLS = [
  ...both('success', hello),
  ...both('no arguments', call('always_refuses')),
  ...both('an error result', call('always_refuses', {})),
  ...both('a tool that throws', call('always_breaks', {})),
  ...both('unknown tool', call('no_such_tool', {})),
  ...both('invalid argument', call('echo_text', { text: 5 })),
  ...both('missing argument', call('echo_text', {})),
  ...both('unknown argument', call('echo_text', { text: 'a', nope: 1 })),
  ...both('arguments null', call('echo_text', null)),
  ...both('arguments as a list', call('echo_text', [])),
  ...both('arguments as text', call('echo_text', 'text')),
  ...both('no params', { method: 'tools/call' }),
  ...both('no name', { method: 'tools/call', params: { arguments: {} } }),
  ...both('a number as name', { method: 'tools/call', params: { name: 5 } }),
  ...both('an unknown parameter', { ...hello, params: { ...helloParams, extra: 1 } }),
  ...both('a task', { ...hello, params: { ...helloParams, task: { ttl: 60_000 } } }),
  ...both('input responses nobody asked for', {
    ...hello,
    params: { ...helloParams, inputResponses: {}, requestState: 'x' },
  }),
]

const IDS = [0, -1, 'text', '', 9_007_199_254_740_991, 1.5, null, true, {}, [1]].flatMap((id) =>
  both(`id ${JSON.stringify(id)}`, { ...hello, id }),
)

const META = [
  ...both('a progress token of text', withMeta({ progressToken: 'p' })),
  ...both('a progress token of a number', withMeta({ progressToken: 7 })),
  ...both('a progress token of an object', withMeta({ progressToken: {} })),
  ...both('a key of somebody else', withMeta({ 'example.com/trace': 'x', traceparent: '00-1-2-01' })),
  ...both('a key of a task', withMeta({ 'io.modelcontextprotocol/related-task': { taskId: 't' } })),
  modern('a log level', withMeta({ 'io.modelcontextprotocol/logLevel': 'debug' })),
  modern('a wrong log level', withMeta({ 'io.modelcontextprotocol/logLevel': 'shout' })),
  modern('capabilities that are no object', withMeta({ 'io.modelcontextprotocol/clientCapabilities': 5 })),
  modern(
    'capabilities with a wrong part',
    withMeta({ 'io.modelcontextprotocol/clientCapabilities': { sampling: 5 } }),
  ),
  modern('client info without a version', withMeta({ 'io.modelcontextprotocol/clientInfo': { name: 'x' } })),
  modern(
    'a version that does not exist',
    withMeta({ 'io.modelcontextprotocol/protocolVersion': '2031-01-01' }),
    { 'mcp-protocol-version': '2031-01-01' },
  ),
  modern(
    'a version of the older era',
    withMeta({ 'io.modelcontextprotocol/protocolVersion': '2025-11-25' }),
    { 'mcp-protocol-version': '2025-11-25' },
  ),
  bareModern('no _meta', helloParams),
  bareModern('_meta as text', { ...helloParams, _meta: 'x' }),
  bareModern('an empty _meta', { ...helloParams, _meta: {} }),
  bareModern('no capabilities', {
    ...helloParams,
    _meta: { 'io.modelcontextprotocol/protocolVersion': MODERN },
  }),
  bareModern('no client info', {
    ...helloParams,
    _meta: {
      'io.modelcontextprotocol/protocolVersion': MODERN,
      'io.modelcontextprotocol/clientCapabilities': {},
    },
  }),
  bareModern('a version that is a number', {
    ...helloParams,
    _meta: { ...ENVELOPE, 'io.modelcontextprotocol/protocolVersion': 2 },
  }),
]

const HEADERS = [
  modern('no version header', hello, { 'mcp-protocol-version': undefined }),
  modern('no method header', hello, { 'mcp-method': undefined }),
  modern('no name header', hello, { 'mcp-name': undefined }),
  modern('no header at all', hello, {
    'mcp-protocol-version': undefined,
    'mcp-method': undefined,
    'mcp-name': undefined,
  }),
  modern('another version header', hello, { 'mcp-protocol-version': '2025-11-25' }),
  modern('another method header', hello, { 'mcp-method': 'tools/list' }),
  modern('another name header', hello, { 'mcp-name': 'always_refuses' }),
  modern('a method header in capitals', hello, { 'mcp-method': 'TOOLS/CALL' }),
  modern('a name header in base64', hello, {
    'mcp-name': `=?base64?${Buffer.from('echo_text').toString('base64')}?=`,
  }),
  modern('a name header in bad base64', hello, { 'mcp-name': '=?base64?%%%?=' }),
  modern('a session id', hello, { 'mcp-session-id': 'abc' }),
  modern('only JSON accepted', hello, { accept: 'application/json' }),
  modern('anything accepted', hello, { accept: '*/*' }),
  legacy('no version header', hello, { 'mcp-protocol-version': undefined }),
  ...['2025-06-18', '2025-03-26', '2024-11-05', '2024-10-07', '2023-01-01', MODERN, ''].map((version) =>
    legacy(`version header "${version}"`, hello, { 'mcp-protocol-version': version }),
  ),
  legacy('method and name headers that disagree', hello, { 'mcp-method': 'ping', 'mcp-name': 'x' }),
  legacy('a session id', hello, { 'mcp-session-id': 'abc' }),
  legacy('only JSON accepted', hello, { accept: 'application/json' }),
  legacy('only a stream accepted', hello, { accept: 'text/event-stream' }),
  legacy('anything accepted', hello, { accept: '*/*' }),
  legacy('a media type with a charset', hello, { 'content-type': 'application/json; charset=utf-8' }),
  legacy('a media type of text', hello, { 'content-type': 'text/plain' }),
]

const GUIDE = uriOf(aReceipt().env, 'guide/errors')
const TEMPLATE = { type: 'ref/resource', uri: uriOf(aReceipt().env, 'schema/{object}') }
const reading = (uri: string): RpcMessage => ({ method: 'resources/read', params: { uri } })
const completing = (ref: object, name = 'a'): RpcMessage => ({
  method: 'completion/complete',
  params: { ref, argument: { name, value: 'b' } },
})
const getting = (args: object): RpcMessage => ({
  method: 'prompts/get',
  params: { name: 'write_a_query', arguments: args },
})
const OTHERS = [
  ...both('tools/list', { method: 'tools/list' }),
  ...both('tools/list with params', { method: 'tools/list', params: {} }),
  ...both('tools/list with a cursor', { method: 'tools/list', params: { cursor: 'x' } }),
  ...both('ping', { method: 'ping' }),
  ...both('an unknown method', { method: 'tools/destroy' }),
  ...both('prompts/list', { method: 'prompts/list' }),
  ...both('prompts/get', { method: 'prompts/get', params: { name: 'none' } }),
  ...both('prompts/get of a question', getting({ question: 'open work at pump 1' })),
  ...both('prompts/get without what it takes', getting({})),
  ...both('prompts/get without arguments', { method: 'prompts/get', params: { name: 'write_a_query' } }),
  ...both('prompts/get with a number', getting({ question: 5 })),
  ...both('prompts/get without a name', { method: 'prompts/get', params: {} }),
  modern('prompts/get with another name in its header', getting({ question: 'what' }), {
    'mcp-name': 'plan_week',
  }),
  ...both('completion/complete of a prompt', completing({ type: 'ref/prompt', name: 'plan_week' }, 'none')),
  ...both('resources/list', { method: 'resources/list' }),
  ...both('resources/templates/list', { method: 'resources/templates/list' }),
  ...both('resources/read', { method: 'resources/read', params: { uri: 'test://none' } }),
  ...both('resources/read of a guide', { method: 'resources/read', params: { uri: GUIDE } }),
  ...both('resources/read of a name in capitals', {
    method: 'resources/read',
    params: { uri: GUIDE.toUpperCase() },
  }),
  ...both('resources/read without an address', { method: 'resources/read', params: {} }),
  ...both('resources/read of a number', { method: 'resources/read', params: { uri: 5 } }),
  ...both('resources/read of no address', { method: 'resources/read', params: { uri: 'no address' } }),
  modern('resources/read with another address in its header', reading(GUIDE), { 'mcp-name': 'test://x' }),
  modern('resources/read without a header', reading(GUIDE), { 'mcp-name': undefined }),
  ...both('resources/subscribe', { method: 'resources/subscribe', params: { uri: GUIDE } }),
  ...both('completion/complete', completing({ type: 'ref/prompt', name: 'x' })),
  ...both('completion/complete of a template', completing(TEMPLATE, 'elsewhere')),
  ...both('completion/complete of another template', completing({ ...TEMPLATE, uri: 'test://{x}' })),
  ...both('completion/complete of nothing', completing({ type: 'ref/tool', name: 'x' })),
  ...both('completion/complete without an argument', {
    method: 'completion/complete',
    params: { ref: TEMPLATE },
  }),
  ...both('logging/setLevel', { method: 'logging/setLevel', params: { level: 'info' } }),
  ...both('server/discover', { method: 'server/discover' }),
  ...['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05', MODERN, '1999-01-01'].map((protocolVersion) =>
    legacy(`initialize ${protocolVersion}`, {
      method: 'initialize',
      params: { protocolVersion, capabilities: {}, clientInfo: { name: 'x', version: '1' } },
    }),
  ),
  legacy('initialize without params', { method: 'initialize' }),
  modern('initialize', {
    method: 'initialize',
    params: { protocolVersion: MODERN, capabilities: {}, clientInfo: { name: 'x', version: '1' } },
  }),
]

const notification = (method: string, params?: object): object => ({
  jsonrpc: '2.0',
  method,
  ...(params !== undefined && { params }),
})
const legacyHeader = { 'mcp-protocol-version': '2025-11-25' }
const RAW = [
  raw('notification initialized', notification('notifications/initialized'), legacyHeader),
  raw('notification cancelled', notification('notifications/cancelled', { requestId: 1 }), legacyHeader),
  raw('notification of an unknown kind', notification('notifications/whatever'), legacyHeader),
  raw(
    'notification cancelled, modern',
    notification('notifications/cancelled', { requestId: 1, _meta: ENVELOPE }),
    modernHeaders({ method: 'notifications/cancelled' }),
  ),
  raw('a tool call without an id', notification('tools/call', helloParams), legacyHeader),
  raw('a posted result', { jsonrpc: '2.0', id: 1, result: {} }, legacyHeader),
  raw('a posted error', { jsonrpc: '2.0', id: 1, error: { code: 1, message: 'x' } }, legacyHeader),
  raw('a batch', [legacyBody({ method: 'ping' }), legacyBody({ method: 'ping', id: 2 })], legacyHeader),
  raw('a batch of one', [legacyBody(hello)], legacyHeader),
  raw('an empty batch', [], legacyHeader),
  raw('a batch with a modern message', [modernBody(hello)]),
  raw('a batch of nonsense', [1, 'x'], legacyHeader),
  raw('bad JSON', '{"jsonrpc":', legacyHeader),
  raw('an empty body', '', legacyHeader),
  raw('a number', '5', legacyHeader),
  raw('a text', '"x"', legacyHeader),
  raw('null', 'null', legacyHeader),
  raw('no JSON-RPC version', { id: 1, method: 'ping' }, legacyHeader),
  raw('JSON-RPC 1.0', { jsonrpc: '1.0', id: 1, method: 'ping' }, legacyHeader),
  raw('an unknown member', { ...legacyBody(hello), extra: 1 }, legacyHeader),
  raw('params as a list', { jsonrpc: '2.0', id: 1, method: 'tools/call', params: [] }, legacyHeader),
  raw('params null', { jsonrpc: '2.0', id: 1, method: 'tools/list', params: null }, legacyHeader),
  raw(
    'a prototype in the arguments',
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo_text","arguments":{"__proto__":{"text":"x"}}}}',
    legacyHeader,
  ),
  raw('a member twice', '{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}', legacyHeader),
]

/** Without a body, so without JSON-RPC. */
const METHODS = ['GET', 'DELETE'].map((method) => ({
  name: `HTTP ${method}`,
  method,
  headers: headersOf({}, {}),
}))

export const CASES: readonly Case[] = [...CALLS, ...IDS, ...META, ...HEADERS, ...OTHERS, ...RAW, ...METHODS]
