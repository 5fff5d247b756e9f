import { CATALOG } from '../../mcp/tools/catalog/catalog.ts'
import type { Tool } from '../../mcp/tools/tool.ts'

/** What a token with `maximo:read` is shown at `?toolsets=all`. */
const READABLE = CATALOG.filter(
  ({ effect, scopes, feature, calls }) =>
    effect === 'read' &&
    feature === undefined &&
    calls === undefined &&
    scopes.every((scope) => scope === 'maximo:read'),
)

/**
 * The tools that both MCP servers of the bench offer: the reading part of the catalog with `query_records` first, cut to
 * `count`, or filled up with copies under other names, so that names, descriptions and schemas are as large as real ones.
 */
export function benchTools(count: number): readonly Tool[] {
  const called = READABLE.filter(({ name }) => name === 'query_records')
  const others = READABLE.filter(({ name }) => name !== 'query_records')
  const own = [...called, ...others].slice(0, count)
  const copies = Array.from({ length: count - own.length }, (_, index) => copyOf(index))
  return [...own, ...copies]
}

function copyOf(index: number): Tool {
  const tool = READABLE[index % READABLE.length]
  if (tool === undefined) throw new Error('the catalog is empty')
  return { ...tool, name: `${tool.name}_${index}` }
}
