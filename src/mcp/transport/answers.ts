import { SERVER_INFO_META_KEY } from '@modelcontextprotocol/server'
import type { ResourceLink } from '../tools/tool.ts'
import type { RpcId } from './message.ts'
import type { Era } from './plain-request.ts'
import type { ServerIdentity } from './protocol.ts'

/** What every JSON-RPC answer ends with; the id closes it. */
const closing = (id: RpcId | null): string => `,"jsonrpc":"2.0","id":${JSON.stringify(id)}}`

/** What a tool answered. */
export interface TextAnswer {
  readonly text: string
  readonly isError: boolean
  /** For clients that know them. */
  readonly links?: readonly ResourceLink[] | undefined
}

/** Text results, written by hand: the parts that never change are serialised once. */
export interface Answers {
  text(era: Era, id: RpcId, answer: TextAnswer): string
  /** Any other result of the modern era, which says itself of which type it is. */
  result(id: RpcId, result: object): string
}

export function answersAs(identity: ServerIdentity): Answers {
  const meta = JSON.stringify({ [SERVER_INFO_META_KEY]: identity })
  const modern = `,"resultType":"complete","_meta":${meta}`
  return {
    text(era, id, { text, isError, links = [] }) {
      const linked = links.map((link) => `,${JSON.stringify(linkBlock(link))}`).join('')
      const flag = isError ? ',"isError":true' : ''
      const stamp = era === 'modern' ? modern : ''
      return `{"result":{"content":[{"type":"text","text":${JSON.stringify(text)}}${linked}]${flag}${stamp}}${closing(id)}`
    },
    result: (id, result) => `{"result":${JSON.stringify(result).slice(0, -1)},"_meta":${meta}}${closing(id)}`,
  }
}

export const linkBlock = (link: ResourceLink): ResourceLink & { readonly type: 'resource_link' } => ({
  type: 'resource_link',
  ...link,
})

/** A JSON-RPC error; `data` is left out when there is none. */
export function errorAnswer(id: RpcId | null, code: number, message: string, data?: unknown): string {
  return JSON.stringify({ jsonrpc: '2.0', id, error: { code, message, ...(data !== undefined && { data }) } })
}
