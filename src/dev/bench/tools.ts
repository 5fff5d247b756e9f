import { CATALOG } from '../../mcp/tools/catalog.ts'
import type { Tool } from '../../mcp/tools/tool.ts'

/**
 * The tools that both MCP servers of the bench offer: the catalog with `query_records` first, cut to `count`, or filled
 * up with copies of its tools under other names, so that names, descriptions and schemas are as large as real ones.
 */
export function benchTools(count: number): readonly Tool[] {
  const called = CATALOG.filter(({ name }) => name === 'query_records')
  const others = CATALOG.filter(({ name }) => name !== 'query_records')
  const own = [...called, ...others].slice(0, count)
  const copies = Array.from({ length: count - own.length }, (_, index) => copyOf(index))
  return [...own, ...copies]
}

function copyOf(index: number): Tool {
  const tool = CATALOG[index % CATALOG.length]
  if (tool === undefined) throw new Error('the catalog is empty')
  return { ...tool, name: `${tool.name}_${index}` }
}
