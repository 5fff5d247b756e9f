import type { Result } from '../../../kernel/result.ts'
import type { Caller } from '../../admission/caller.ts'
import { decide, type Standing, type Viewpoint, type Withheld } from './policy.ts'
import type { Tool } from '../tool.ts'
import { PEER_NAMES } from '../catalog/peer-names.ts'
import type { ToolIndex } from '../catalog/tool-index.ts'
import type { Selection } from './selection.ts'

/** The tools of one caller at one address. Made per request, so it holds what was there and works nothing out. */
export class ToolAccess {
  readonly caller: Caller
  readonly #tools: ToolIndex
  readonly #view: Viewpoint

  constructor(tools: ToolIndex, caller: Caller, narrowed: Omit<Viewpoint, 'facts'>) {
    this.caller = caller
    this.#tools = tools
    this.#view = { facts: caller.facts, ...narrowed }
  }

  get selection(): Selection {
    return this.#view.selection
  }

  /** Object structures that Maximo was last seen to refuse. */
  get denied(): ReadonlySet<string> {
    return this.#view.denied
  }

  /** Every served tool, whether or not this caller may use it. */
  get all(): readonly Tool[] {
    return this.#tools.all
  }

  /** By any name that calls it: its own, an earlier one, or that of another server where the address asks for it. */
  find(name: string): Tool | undefined {
    return this.#tools.find(name) ?? this.#findByPeerName(name)
  }

  #findByPeerName(name: string): Tool | undefined {
    const ours = PEER_NAMES.get(name)
    return ours !== undefined && this.#speaksPeerNames() ? this.#tools.find(ours) : undefined
  }

  #speaksPeerNames(): boolean {
    const { selection } = this
    const isIn = (tool: Tool): boolean => tool.toolset === 'compat' && selection.leavesOut(tool) === null
    return selection.isExplicit && this.#tools.all.some(isIn)
  }

  decide(tool: Tool): Result<Standing, Withheld> {
    return decide(tool, this.#view)
  }

  /** What `tools/list` shows, in the order of the catalog. */
  listed(): readonly Tool[] {
    return this.#tools.all.filter((tool) => {
      const standing = this.decide(tool)
      return standing.ok && standing.value === 'listed'
    })
  }

  /** Those too that are called by way of others. */
  reachable(): readonly Tool[] {
    return this.#tools.all.filter((tool) => this.decide(tool).ok)
  }
}
