import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base'
import { request } from 'undici'
import { CATALOG } from '../../src/mcp/tools/catalog/catalog.ts'
import { PROBE } from '../support/wire/probe.ts'
import { ACCOUNT, type World } from './world.ts'

/** What asking cost: calls, and tokens (o200k) of arguments and answers. */
export interface Spent {
  calls: number
  tokens: number
}

type Values = Readonly<Record<string, unknown>>

/** Our tools, as a model at a real client calls them. */
export interface OurTools {
  /**
   * Calls a tool of the default list by its name, any other one as `find_tools` says: by words that must find it, then by
   * `call_read_tool`. @returns the JSON of the answer
   */
  call(tool: string, args: object, words?: string): Promise<Values>
  /** The rows of a call, by column name. */
  rows(tool: string, args: object, words?: string): Promise<readonly Values[]>
}

export interface Tools {
  readonly spent: Spent
  readonly our: OurTools
}

/** A client that stays connected; each question counts for itself. */
export interface Connected {
  /** What every conversation pays before it asks: the list of tools. */
  readonly listTokens: number
  tools(): Tools
  close(): Promise<void>
}

const DEFAULT = new Set(CATALOG.filter(({ isOnRequest }) => isOnRequest !== true).map(({ name }) => name))
const INFO = { name: 'evals', version: '1.0.0' }

export async function connectOurs({ plant }: World): Promise<Connected> {
  const { apiKey } = plant.simulator.accounts.of(ACCOUNT)
  const token = await plant.door.token({
    scope: 'maximo:read maximo:finance offline_access',
    maximo: { baseUrl: plant.simulator.baseUrl, apiKey },
  })
  const client = new Client(INFO)
  const requestInit = { headers: { authorization: `Bearer ${token}` } }
  const url = new URL(`${await plant.door.listen()}/mcp`)
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit }))
  return {
    listTokens: countTokens(JSON.stringify((await client.listTools()).tools)),
    tools: () => ourTools(client),
    close: () => client.close(),
  }
}

function ourTools(client: Client): Tools {
  const spent: Spent = { calls: 0, tokens: 0 }
  const found = new Set(DEFAULT)
  const ask = async (name: string, args: object): Promise<Values> => {
    const result = await client.callTool({ name, arguments: { ...args } })
    const [first] = result.content as readonly { readonly text?: string }[]
    const text = first?.text ?? ''
    spent.calls += 1
    spent.tokens += countTokens(JSON.stringify(args)) + countTokens(text)
    if (result.isError === true) throw new Error(`${name}: ${text}`)
    return JSON.parse(text) as Values
  }
  const find = async (tool: string, words: string): Promise<void> => {
    const names = namesIn(await ask('find_tools', { query: words, limit: 3 }))
    if (!names.includes(tool)) throw new Error(`find_tools "${words}" shows ${names.join(', ')}, not ${tool}`)
    found.add(tool)
  }
  const call: OurTools['call'] = async (tool, args, words = '') => {
    if (DEFAULT.has(tool)) return ask(tool, args)
    if (!found.has(tool)) await find(tool, words)
    return ask('call_read_tool', { tool, arguments: args })
  }
  return {
    spent,
    our: { call, rows: async (tool, args, words) => rowsIn(await call(tool, args, words)) },
  }
}

const namesIn = ({ tools }: Values): readonly string[] =>
  (tools as readonly { readonly name: string }[]).map(({ name }) => name)

/** Rows of a compact answer by column name; `describe_object` calls them values. */
function rowsIn({ cols, rows, values = rows }: Values): readonly Values[] {
  return (values as unknown[][]).map((row) =>
    Object.fromEntries((cols as string[]).map((name, index) => [name, row[index]])),
  )
}

/** What other servers give: one tool that takes a query of Maximo and returns the page as Maximo wrote it. */
export interface BareTool {
  readonly spent: Spent
  query(asked: BareQuery): Promise<BarePage>
  /** Page after page, as long as there are rows. */
  all(asked: BareQuery): Promise<readonly Values[]>
}

export interface BareQuery {
  readonly os: string
  readonly where: string
  readonly select: string
  readonly pageSize?: number
  readonly orderBy?: string
  readonly page?: number
}

export interface BarePage {
  readonly rows: readonly Values[]
  readonly total: number
}

/** Its entry in a list of tools. */
const BARE_LISTED = {
  name: 'query_maximo',
  description: 'Query a Maximo object structure. Returns one page of records as JSON.',
  inputSchema: {
    type: 'object',
    properties: {
      os: { type: 'string', description: 'object structure, e.g. mxapiwodetail' },
      where: { type: 'string', description: 'oslc.where' },
      select: { type: 'string', description: 'oslc.select' },
      orderBy: { type: 'string', description: 'oslc.orderBy' },
      pageSize: { type: 'integer' },
      page: { type: 'integer' },
    },
    required: ['os', 'where', 'select'],
  },
} as const
export const BARE_LIST_TOKENS = countTokens(JSON.stringify([BARE_LISTED]))

export function bareTool({ plant }: World): BareTool {
  const spent: Spent = { calls: 0, tokens: 0 }
  const { apiKey } = plant.simulator.accounts.of(ACCOUNT)
  const query = async (asked: BareQuery): Promise<BarePage> => {
    const { os, where, select, pageSize = 100, orderBy, page = 1 } = asked
    const search = new URLSearchParams({
      ...{ lean: '1', 'oslc.where': where, 'oslc.select': select, 'oslc.pageSize': String(pageSize) },
      ...(orderBy !== undefined && { 'oslc.orderBy': orderBy }),
      // Without the links to child collections, which would be most of the answer.
      ...{ pageno: String(page), collectioncount: '1', ignorecollectionref: '1' },
    })
    const { body, statusCode } = await request(
      `${plant.simulator.baseUrl}/api/os/${os}?${search.toString()}`,
      { headers: { ...PROBE, apikey: apiKey } },
    )
    const text = await body.text()
    spent.calls += 1
    spent.tokens += countTokens(JSON.stringify(asked)) + countTokens(text)
    if (statusCode !== 200) throw new Error(text)
    const { member, responseInfo } = JSON.parse(text) as {
      member: readonly Values[]
      responseInfo: { totalCount: number }
    }
    return { rows: member, total: responseInfo.totalCount }
  }
  return {
    spent,
    query,
    async all(asked) {
      const rows: Values[] = []
      for (let page = 1; ; page += 1) {
        const { rows: found, total } = await query({ ...asked, pageSize: BARE_PAGE, page })
        rows.push(...found)
        if (rows.length >= total) return rows
      }
    },
  }
}

/** Rows of a page that a model would ask for when it wants them all. */
const BARE_PAGE = 200
