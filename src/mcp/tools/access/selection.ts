import type { IncomingHttpHeaders } from 'node:http'
import { LRUCache } from 'lru-cache'
import { err, ok, type Result } from '../../../kernel/result.ts'
import { didYouMean } from '../problem/did-you-mean.ts'
import { visible } from '../result/visible.ts'
import type { ToolFacts } from '../tool.ts'
import type { ToolIndex } from '../catalog/tool-index.ts'
import { isToolset, TOOLSETS } from '../catalog/toolsets.ts'

/** Why an address leaves a tool out. */
export type LeftOut = 'readonly' | 'excluded' | 'not_selected'

/** What an address asks for. One object per distinct wish. */
export interface Selection {
  /** The wish in one spelling: the same for every address that asks for the same. */
  readonly key: string
  /** Whether tools are listed because they were asked for, so that none of them waits for a request. */
  readonly isExplicit: boolean
  /** Null: it is in. */
  leavesOut(tool: ToolFacts): LeftOut | null
}

/** One wish: an address has one in its query and one in its headers, and neither widens the other. */
interface Bound {
  readonly key: string
  readonly toolsets: ReadonlySet<string>
  readonly tools: ReadonlySet<string>
  readonly exclude: ReadonlySet<string>
  readonly isReadOnly: boolean
}
type Words = Readonly<Record<Parameter, string | undefined>>

const PARAMETERS = ['toolsets', 'tools', 'exclude', 'readonly'] as const
type Parameter = (typeof PARAMETERS)[number]

const HEADERS: Readonly<Record<Parameter, string>> = {
  toolsets: 'x-mcp-toolsets',
  tools: 'x-mcp-tools',
  exclude: 'x-mcp-exclude-tools',
  readonly: 'x-mcp-readonly',
}

/** Reads what a request asks for. The problem is a sentence of ours. */
export type ReadSelection = (url: string, headers: IncomingHttpHeaders) => Result<Selection, string>

const MAX_KEPT = 500
const MAX_LENGTH = 4_000
const MAX_NAMES = 200

/**
 * Narrowing by `?toolsets=`, `?tools=`, `?exclude=` and `?readonly=true`, and by the headers `X-MCP-Toolsets`,
 * `X-MCP-Tools`, `X-MCP-Exclude-Tools` and `X-MCP-Readonly`. `toolsets` and `tools` together say what is in (`all`,
 * `default` and any names); the other two take away. An unknown name is refused: a wish that was misunderstood would
 * show as tools that are missing, or worse, as tools that should be.
 */
export function selectionsOf(tools: ToolIndex): ReadSelection {
  const everything = selection([])
  const kept = new LRUCache<string, Result<Selection, string>>({ max: MAX_KEPT })
  return (url, headers) => {
    const start = url.indexOf('?')
    const said = PARAMETERS.map((name) => headers[HEADERS[name]])
    if (start === -1 && said.every((value) => value === undefined)) return ok(everything)
    const query = start === -1 ? '' : url.slice(start + 1)
    // Neither an address nor a header can hold a line break: no two wishes read the same.
    const raw = [query, ...said.map((value) => String(value ?? ''))].join('\n')
    if (raw.length > MAX_LENGTH)
      return err('The selection of tools in the address or the headers is too long.')
    const known = kept.get(raw)
    if (known !== undefined) return known
    const read = readBoth(query, said, tools)
    kept.set(raw, read)
    return read
  }
}

function readBoth(
  query: string,
  said: readonly (string | readonly string[] | undefined)[],
  tools: ToolIndex,
): Result<Selection, string> {
  const fromUrl = queryWords(query)
  if (!fromUrl.ok) return fromUrl
  const fromHeaders = Object.fromEntries(
    PARAMETERS.map((name, index) => [name, said[index] === undefined ? undefined : String(said[index])]),
  ) as Words
  const bounds: Bound[] = []
  for (const words of [fromUrl.value, fromHeaders]) {
    const bound = boundOf(words, tools)
    if (!bound.ok) return bound
    bounds.push(bound.value)
  }
  return ok(selection(bounds.filter(({ key }) => key !== '')))
}

/** Parameters of other parties pass; one that looks like ours misspelt does not. */
function queryWords(query: string): Result<Words, string> {
  const parameters = new URLSearchParams(query)
  for (const name of parameters.keys()) {
    if ((PARAMETERS as readonly string[]).includes(name)) continue
    const near = didYouMean(name, PARAMETERS)
    if (near !== '') return err(`The address has an unknown parameter "${short(name)}".${near}`)
  }
  return ok(
    Object.fromEntries(
      PARAMETERS.map((name) => [name, parameters.has(name) ? parameters.getAll(name).join(',') : undefined]),
    ) as Words,
  )
}

function boundOf(words: Words, tools: ToolIndex): Result<Bound, string> {
  const toolsets = namesIn(words.toolsets, (name) => isToolset(name) || name === ALL || name === DEFAULT)
  if (!toolsets.ok) return err(unknown('toolset', toolsets.error, [...Object.keys(TOOLSETS), ALL, DEFAULT]))
  const isTool = (name: string): boolean => tools.find(name) !== undefined
  const chosen = namesIn(words.tools, isTool)
  const excluded = namesIn(words.exclude, isTool)
  for (const read of [chosen, excluded])
    if (!read.ok)
      return err(
        unknown(
          'tool',
          read.error,
          tools.all.map(({ name }) => name),
        ),
      )
  const isReadOnly = readFlag(words.readonly)
  if (isReadOnly === null) return err('"readonly" must be true or false.')
  const [sets, named, without] = [toolsets, chosen, excluded].map((read) => (read.ok ? read.value : []))
  const canonical = (names: readonly string[] = []): readonly string[] =>
    [...new Set(names.map((name) => tools.find(name)?.name ?? name))].sort()
  const parts = [canonical(sets), canonical(named), canonical(without)] as const
  const isEmpty = parts.every(({ length }) => length === 0) && !isReadOnly
  return ok({
    key: isEmpty ? '' : JSON.stringify([...parts, isReadOnly]),
    toolsets: new Set(parts[0]),
    tools: new Set(parts[1]),
    exclude: new Set(parts[2]),
    isReadOnly,
  })
}

const ALL = 'all'
const DEFAULT = 'default'

/** The names of a comma list, or the first that is not known. */
function namesIn(
  list: string | undefined,
  isKnown: (name: string) => boolean,
): Result<readonly string[], string> {
  const names = (list ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '')
  const wrong = names.slice(0, MAX_NAMES).find((name) => !isKnown(name)) ?? names[MAX_NAMES]
  return wrong === undefined ? ok(names) : err(wrong)
}

const unknown = (what: string, name: string, known: readonly string[]): string =>
  `There is no ${what} "${short(name)}".${didYouMean(name, known)}`

const short = (name: string): string => visible(name.slice(0, 60))

function readFlag(text: string | undefined): boolean | null {
  if (text === undefined) return false
  return FLAGS.get(text.trim().toLowerCase()) ?? null
}
const FLAGS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['', true],
  ['false', false],
  ['0', false],
])

function selection(bounds: readonly Bound[]): Selection {
  return {
    key: bounds.map(({ key }) => key).join('&'),
    isExplicit: bounds.some(isChoice),
    leavesOut(tool) {
      for (const bound of bounds) {
        const why = leftOutBy(bound, tool)
        if (why !== null) return why
      }
      return null
    },
  }
}

const isChoice = ({ toolsets, tools }: Bound): boolean => toolsets.size + tools.size > 0

function leftOutBy(bound: Bound, tool: ToolFacts): LeftOut | null {
  if (bound.exclude.has(tool.name)) return 'excluded'
  if (bound.isReadOnly && tool.effect !== 'read') return 'readonly'
  return !isChoice(bound) || isChosen(bound, tool) ? null : 'not_selected'
}

const isChosen = ({ toolsets, tools }: Bound, tool: ToolFacts): boolean =>
  tools.has(tool.name) ||
  toolsets.has(tool.toolset) ||
  toolsets.has(ALL) ||
  (toolsets.has(DEFAULT) && tool.isOnRequest !== true)
