import { SERVER_INFO_META_KEY } from '@modelcontextprotocol/server'
import type { RpcId } from './message.ts'
import type { Era } from './plain-request.ts'
import type { ServerIdentity } from './protocol.ts'

/** What every JSON-RPC answer ends with; the id closes it. */
const closing = (id: RpcId | null): string => `,"jsonrpc":"2.0","id":${JSON.stringify(id)}}`

/** Text results, written by hand: the parts that never change are serialised once. */
export interface Answers {
  text(era: Era, id: RpcId, text: string, isError: boolean): string
  /** Any other result of the modern era, which says itself of which type it is. */
  result(id: RpcId, result: object): string
}

export function answersAs(identity: ServerIdentity): Answers {
  const meta = JSON.stringify({ [SERVER_INFO_META_KEY]: identity })
  const modern = `,"resultType":"complete","_meta":${meta}`
  return {
    text(era, id, text, isError) {
      const flag = isError ? ',"isError":true' : ''
      const stamp = era === 'modern' ? modern : ''
      return `{"result":{"content":[{"type":"text","text":${JSON.stringify(text)}}]${flag}${stamp}}${closing(id)}`
    },
    result: (id, result) => `{"result":${JSON.stringify(result).slice(0, -1)},"_meta":${meta}}${closing(id)}`,
  }
}

/** A JSON-RPC error; `data` is left out when there is none. */
export function errorAnswer(id: RpcId | null, code: number, message: string, data?: unknown): string {
  return JSON.stringify({ jsonrpc: '2.0', id, error: { code, message, ...(data !== undefined && { data }) } })
}
