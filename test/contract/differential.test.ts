import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CallSignal } from '../../src/kernel/call-signal.ts'
import { CATALOG } from '../../src/mcp/tools/catalog/catalog.ts'
import type { ToolContext } from '../../src/mcp/tools/tool.ts'
import { CASES, type Case } from '../support/mcp/differential-cases.ts'
import { openDoor, type McpDoor } from '../support/mcp/mcp-door.ts'
import { broken, echo, refusing } from '../support/mcp/small-tools.ts'
import { askStock, stockHandler } from '../support/mcp/stock-server.ts'

/** All in one list, as the SDK has them. */
const TOOLS = [...CATALOG.map((tool) => ({ ...tool, isOnRequest: false })), echo, refusing, broken]
/** What a tool without a Maximo behind it looks at: the signal. */
const contextOf = (signal: CallSignal): ToolContext =>
  ({ call: { signal, correlationId: 'x' } }) as ToolContext

interface Answer {
  readonly status: number
  readonly framing: string
  readonly body: unknown
}

let door: McpDoor
let token: string
const stock = stockHandler(TOOLS, contextOf)

beforeAll(async () => {
  door = await openDoor({ catalog: TOOLS })
  token = await door.token({ scope: 'maximo:write maximo:finance maximo:admin maximo:apm offline_access' })
})
afterAll(async () => {
  await stock.close()
  await door.close()
})

async function askOurs({ method, headers, payload }: Case): Promise<Answer> {
  const answer = await door.app.inject({
    method: method as 'POST',
    url: '/mcp',
    headers: { ...headers, host: 'localhost:8081', authorization: `Bearer ${token}` },
    ...(payload !== undefined && { payload }),
  })
  return answerOf(answer.statusCode, String(answer.headers['content-type'] ?? ''), answer.body)
}

async function askTheirs(asked: Case): Promise<Answer> {
  const { status, contentType, text } = await askStock(stock, asked)
  return answerOf(status, contentType, text)
}

function answerOf(status: number, contentType: string, text: string): Answer {
  const framing = contentType.split(';')[0] ?? ''
  if (text === '') return { status, framing: 'none', body: null }
  const data = framing === 'text/event-stream' ? /^data: (.*)$/m.exec(text)?.[1] : text
  return { status, framing, body: JSON.parse(data ?? 'null') as unknown }
}

/** An answer in a few words: what a table of differences can name. */
function summary({ status, body }: Answer): string {
  if (body === null) return `${status}, no body`
  const { result, error } = body as { result?: { isError?: boolean }; error?: { code: number } }
  const what = result?.isError === true ? 'error result' : 'result'
  return `${status}, ${error === undefined ? what : error.code}`
}

/** What may differ inside of answers that are otherwise the same. */
const BLANKS = {
  text: (body: unknown) => edited(body, (key, value) => (key === 'text' ? '…' : value)),
  message: (body: unknown) => edited(body, (key, value) => (key === 'message' ? '…' : value)),
  schemas: (body: unknown) =>
    edited(body, (key, value) => {
      const isSafeBound = value === Number.MAX_SAFE_INTEGER || value === Number.MIN_SAFE_INTEGER
      return LEFT_OUT.has(key) || isSafeBound ? undefined : value
    }),
} as const

const LEFT_OUT = new Set(['$schema', 'minLength', 'maxLength', 'minItems', 'maxItems', 'pattern'])

const edited = (body: unknown, edit: (key: string, value: unknown) => unknown): unknown =>
  JSON.parse(JSON.stringify(body, edit)) as unknown

interface Difference {
  readonly cases: readonly string[]
  readonly why: string
  /** The answers are the same but for these parts … */
  readonly differsIn?: keyof typeof BLANKS
  /** … or they are these. */
  readonly ours?: string
  readonly theirs?: string
}

const inBoth = (...names: string[]): string[] =>
  names.flatMap((name) => [`legacy: ${name}`, `modern: ${name}`])

/** Every difference there is, beside the framing (below). A new one fails, and so does one that is gone. */
const DIFFERENCES: readonly Difference[] = [
  {
    cases: ['a member twice'],
    ours: '400, -32600',
    theirs: '200, result',
    why: 'Of two members of one name each reader takes another (RFC 8259 §4): what is checked must be what is done.',
  },
  {
    cases: inBoth('no arguments', 'an error result', 'a tool that throws'),
    differsIn: 'text',
    why: 'An error says what to do and has an id. The SDK passes the message of a thrown error on to the model.',
  },
  {
    cases: inBoth('invalid argument', 'missing argument', 'unknown argument'),
    differsIn: 'text',
    why: 'Each wrong argument is named in a sentence, with the one that was meant.',
  },
  {
    cases: inBoth('unknown tool'),
    differsIn: 'message',
    why: 'Names the nearest tool that the caller may use.',
  },
  {
    cases: inBoth('tools/list', 'tools/list with params', 'tools/list with a cursor'),
    differsIn: 'schemas',
    why: 'Schemas leave out what no model needs to call: the dialect, lengths, safe bounds, patterns of formats. They cost tokens.',
  },
  {
    cases: inBoth('resources/read', 'resources/read of a name in capitals'),
    differsIn: 'message',
    why: 'Says what there is instead.',
  },
  {
    cases: inBoth(
      ...['resources/read of no address', 'completion/complete of another template', 'completion/complete'],
      ...['prompts/get', 'prompts/get without what it takes', 'prompts/get without arguments'],
    ),
    ours: '200, -32602',
    theirs: '200, -32602',
    why: 'As above; and what is no address at all is no resource either, or the class of the problem is said besides.',
  },
  {
    cases: ['legacy: only JSON accepted', 'legacy: only a stream accepted', 'legacy: anything accepted'],
    ours: '200, result',
    theirs: '406, -32000',
    why: 'Clients send other Accept headers than the older revisions demand; one JSON body suits them all.',
  },
  {
    cases: ['a batch'],
    ours: '400, -32600',
    theirs: '200, result',
    why: 'One message is one admission, one limit, one audit record. Batches left the protocol with 2025-06-18.',
  },
  { cases: ['a batch of one'], ours: '400, -32600', theirs: '200, result', why: 'As above.' },
  {
    cases: ['an empty batch', 'a batch with a modern message', 'a batch of nonsense'],
    differsIn: 'message',
    why: 'A batch is refused before anybody looks into it.',
  },
  {
    cases: ['a prototype in the arguments'],
    ours: '400, -32700',
    theirs: '200, error result',
    why: 'A body that tries to set a prototype is refused by the parser, for every route.',
  },
]

describe('the same request through the SDK and through us', () => {
  test.each(CASES.map((one) => [one.name, one] as const))('%s', async (name, asked) => {
    const [ours, theirs] = await Promise.all([askOurs(asked), askTheirs(asked)])
    // The one difference of framing: where the SDK streams a single answer, we send it as one JSON body.
    expect(ours.framing).toBe(theirs.framing === 'text/event-stream' ? 'application/json' : theirs.framing)

    const listed = DIFFERENCES.find((difference) => difference.cases.includes(name))
    if (listed === undefined) {
      expect({ status: ours.status, body: ours.body }).toEqual({ status: theirs.status, body: theirs.body })
      return
    }
    expect(ours.body, 'listed, but there is no difference any more').not.toEqual(theirs.body)
    if (listed.differsIn === undefined) {
      expect([summary(ours), summary(theirs)]).toEqual([listed.ours, listed.theirs])
      return
    }
    const blank = BLANKS[listed.differsIn]
    expect({ status: ours.status, body: blank(ours.body) }).toEqual({
      status: theirs.status,
      body: blank(theirs.body),
    })
  })

  test('every listed difference names a case that is asked', () => {
    const known = new Set(CASES.map(({ name }) => name))
    expect(DIFFERENCES.flatMap(({ cases }) => cases).filter((name) => !known.has(name))).toEqual([])
  })
})
