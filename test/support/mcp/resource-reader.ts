import { legacyRequest, modernRequest, type RpcMessage } from './mcp-requests.ts'
import type { TokenWish } from './mcp-door.ts'
import type { PlantDoor } from '../maximo/plant-door.ts'

export interface Content {
  readonly uri: string
  readonly mimeType: string
  readonly text?: string
  readonly blob?: string
  readonly _meta?: Readonly<Record<string, unknown>>
}

export interface RpcAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly result?: Readonly<Record<string, unknown>>
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown }
}

/** A client of resources, prompts and completions with one token. */
export interface Reader {
  /** @throws when it is an error */
  ask(method: string, params?: object): Promise<Readonly<Record<string, unknown>>>
  /** @throws when it is an error */
  read(uri: string): Promise<{ readonly contents: readonly Content[]; readonly ttlMs?: number }>
  /** The answer, whatever it is. */
  send(method: string, params?: object): Promise<RpcAnswer>
}

export interface ReaderOptions {
  readonly account?: string
  readonly wish?: TokenWish
  readonly url?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly era?: 'modern' | 'legacy'
}

export async function aReader(
  plant: Pick<PlantDoor, 'door' | 'simulator'>,
  options: ReaderOptions = {},
): Promise<Reader> {
  const { account = 'planner@example.com', wish = {}, url = '/mcp', headers = {}, era = 'modern' } = options
  const { apiKey } = plant.simulator.accounts.of(account)
  const token = await plant.door.token({
    subject: `user_${account}`,
    maximo: { baseUrl: plant.simulator.baseUrl, apiKey },
    ...wish,
  })
  const make = era === 'modern' ? modernRequest : legacyRequest
  const send = async (method: string, params: object = {}): Promise<RpcAnswer> => {
    const request = make({ method, params } as RpcMessage, token)
    const answer = await plant.door.app.inject({
      ...request,
      url,
      headers: { ...request.headers, ...headers },
    })
    const body = answer.json<Omit<RpcAnswer, 'status' | 'headers'>>()
    return { status: answer.statusCode, headers: answer.headers, ...body }
  }
  const ask: Reader['ask'] = async (method, params) => {
    const { status, result, error } = await send(method, params)
    if (result === undefined) throw new Error(`${method}: ${status} ${JSON.stringify(error)}`)
    return result
  }
  return {
    send,
    ask,
    read: async (uri) =>
      (await ask('resources/read', { uri })) as unknown as Awaited<ReturnType<Reader['read']>>,
  }
}
