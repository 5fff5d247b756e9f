/**
 * A picture's side of MCP Apps: JSON-RPC 2.0 with the host over `postMessage` (SEP-1865, 2026-01-26). Only the window that
 * frames the picture is listened to; its messages are read member by member, and what is not understood is ignored.
 */
export interface Host {
  readonly capabilities: HostCapabilities
  /** The tool whose answer the picture shows; empty: it does not say. */
  readonly tool: string
  callTool(name: string, args: JsonObject): Promise<ToolResult>
  /** Whether the host says that it opened it. */
  openLink(url: string): Promise<boolean>
}

export interface HostCapabilities {
  readonly canCallTools: boolean
  readonly canOpenLinks: boolean
}

export interface ToolResult {
  readonly text: string
  readonly isError: boolean
}

export type JsonObject = Readonly<Record<string, unknown>>

/** What the host tells, each whenever it likes. */
export interface Listener {
  readonly onInput: (args: JsonObject) => void
  readonly onResult: (result: ToolResult) => void
  readonly onCancelled: () => void
  /** The whole context at first, afterwards what changed in it. */
  readonly onContext: (context: JsonObject) => void
}

/** A request to the host failed; the message is its own where it answered. */
export class HostError extends Error {
  override readonly name = 'HostError'
  readonly isAnswer: boolean

  constructor(message: string, { isAnswer }: { readonly isAnswer: boolean }) {
    super(message)
    this.isAnswer = isAnswer
  }
}

/** @throws HostError when the host refuses the handshake */
export async function connect(name: string, listener: Listener): Promise<Host> {
  const wire = new Wire(listener)
  const answer = objectOf(
    await wire.request('ui/initialize', {
      protocolVersion: '2026-01-26',
      appInfo: { name, version: '1.0.0' },
      appCapabilities: { availableDisplayModes: ['inline', 'fullscreen'] },
    }),
  )
  const context = objectOf(answer['hostContext'])
  listener.onContext(context)
  wire.notify('ui/notifications/initialized', {})
  reportSize(wire)
  const offers = objectOf(answer['hostCapabilities'])
  return {
    tool: textOf(objectOf(objectOf(context['toolInfo'])['tool'])['name'], ''),
    capabilities: {
      canCallTools: offers['serverTools'] !== undefined,
      canOpenLinks: offers['openLinks'] !== undefined,
    },
    callTool: async (tool, args) =>
      resultOf(await wire.request('tools/call', { name: tool, arguments: args })),
    openLink: async (url) => objectOf(await wire.request('ui/open-link', { url }))['isError'] !== true,
  }
}

interface Waiting {
  readonly resolve: (result: unknown) => void
  readonly reject: (error: HostError) => void
  readonly timer: number
}

/** A tool of ours answers in less; a host that asks its person first may take longer than a tool. */
const TIMEOUT_MS = 180_000
const METHOD_NOT_FOUND = -32601

class Wire {
  readonly #listener: Listener
  readonly #waiting = new Map<number, Waiting>()
  #lastId = 0

  constructor(listener: Listener) {
    this.#listener = listener
    window.addEventListener('message', ({ source, data }: MessageEvent<unknown>) => {
      if (source === window.parent && source !== window) this.#receive(objectOf(data))
    })
  }

  request(method: string, params: JsonObject): Promise<unknown> {
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      const timer = window.setTimeout(() => {
        this.#waiting.delete(id)
        reject(new HostError('It did not answer.', { isAnswer: false }))
      }, TIMEOUT_MS)
      this.#waiting.set(id, { resolve, reject, timer })
      this.#send({ id, method, params })
    })
  }

  notify(method: string, params: JsonObject): void {
    this.#send({ method, params })
  }

  /** To whoever frames this page: it has no origin of its own, and cannot know the host's. */
  #send(message: JsonObject): void {
    window.parent.postMessage({ jsonrpc: '2.0', ...message }, '*')
  }

  #receive(message: JsonObject): void {
    if (message['jsonrpc'] !== '2.0') return
    const { id, method } = message
    if (typeof method !== 'string') this.#settle(id, message)
    else if (id === undefined) this.#hear(method, objectOf(message['params']))
    else if (method === 'ping' || method === 'ui/resource-teardown') this.#send({ id, result: {} })
    else this.#send({ id, error: { code: METHOD_NOT_FOUND, message: 'Method not found' } })
  }

  #settle(id: unknown, { result, error }: JsonObject): void {
    const waiting = typeof id === 'number' ? this.#waiting.get(id) : undefined
    if (typeof id !== 'number' || waiting === undefined) return
    this.#waiting.delete(id)
    window.clearTimeout(waiting.timer)
    if (error === undefined) waiting.resolve(result)
    else waiting.reject(new HostError(textOf(objectOf(error)['message'], 'It refused.'), { isAnswer: true }))
  }

  #hear(method: string, params: JsonObject): void {
    switch (method) {
      case 'ui/notifications/tool-input':
        this.#listener.onInput(objectOf(params['arguments']))
        return
      case 'ui/notifications/tool-result':
        this.#listener.onResult(resultOf(params))
        return
      case 'ui/notifications/tool-cancelled':
        this.#listener.onCancelled()
        return
      case 'ui/notifications/host-context-changed':
        this.#listener.onContext(params)
        return
      default:
    }
  }
}

/** The height that the picture needs, whenever it changes: hosts that size by content follow it. */
function reportSize(wire: Wire): void {
  let last = 0
  const observer = new ResizeObserver(() => {
    const height = Math.ceil(document.body.getBoundingClientRect().height)
    if (height === last) return
    last = height
    wire.notify('ui/notifications/size-changed', { height })
  })
  observer.observe(document.body)
}

export const objectOf = (value: unknown): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}

const textOf = (value: unknown, otherwise: string): string => (typeof value === 'string' ? value : otherwise)

/** The text of a `CallToolResult`; our tools answer in one. */
function resultOf(value: unknown): ToolResult {
  const { content, isError } = objectOf(value)
  const parts = Array.isArray(content) ? content.map(objectOf) : []
  const texts = parts.flatMap(({ type, text }) => (type === 'text' && typeof text === 'string' ? [text] : []))
  return { text: texts.join('\n'), isError: isError === true }
}
