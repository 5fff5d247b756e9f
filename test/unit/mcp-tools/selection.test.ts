import { describe, expect, test } from 'vitest'
import { selectionsOf } from '../../../src/mcp/tools/access/selection.ts'
import { indexTools } from '../../../src/mcp/tools/catalog/tool-index.ts'
import type { Tool } from '../../../src/mcp/tools/tool.ts'
import { echo } from '../../support/mcp/small-tools.ts'

const CATALOG: readonly Tool[] = [
  { ...echo, name: 'get_context' },
  { ...echo, name: 'search_work', toolset: 'work', aliases: ['find_work'] },
  { ...echo, name: 'get_item', toolset: 'inventory', isOnRequest: true },
  { ...echo, name: 'issue_item', toolset: 'inventory_write', isOnRequest: true, effect: 'stage' },
  { ...echo, name: 'plan_change', toolset: 'change', effect: 'stage' },
]
const read = selectionsOf(indexTools(CATALOG))

/** Names of the tools that are in, or the problem. */
function chosen(url: string, headers: Record<string, string> = {}): readonly string[] | string {
  const selection = read(url, headers)
  if (!selection.ok) return selection.error
  return CATALOG.filter((tool) => selection.value.leavesOut(tool) === null).map(({ name }) => name)
}
const ALL = CATALOG.map(({ name }) => name)
const WORDS = { toolsets: 'x-mcp-toolsets', tools: 'x-mcp-tools', exclude: 'x-mcp-exclude-tools' }

describe('an address chooses', () => {
  test.each<[string, readonly string[]]>([
    ['', ALL],
    ['?', ALL],
    ['?toolsets=all', ALL],
    ['?toolsets=default', ['get_context', 'search_work', 'plan_change']],
    ['?toolsets=work', ['search_work']],
    ['?toolsets=work,Inventory', ['search_work', 'get_item']],
    ['?toolsets=work&toolsets=core', ['get_context', 'search_work']],
    ['?tools=get_item', ['get_item']],
    ['?tools=find_work', ['search_work']],
    ['?toolsets=work&tools=get_item', ['search_work', 'get_item']],
    ['?exclude=get_item,plan_change', ['get_context', 'search_work', 'issue_item']],
    ['?readonly=true', ['get_context', 'search_work', 'get_item']],
    ['?readonly', ['get_context', 'search_work', 'get_item']],
    ['?readonly=false', ALL],
    ['?toolsets=all&readonly=1&exclude=get_item', ['get_context', 'search_work']],
    ['?toolsets=, ,', ALL],
    ['?utm_source=x', ALL],
  ])('%s', (query, expected) => {
    expect(chosen(`/mcp${query}`)).toEqual(expected)
  })

  test('headers say the same, and narrow what the query left', () => {
    expect(chosen('/mcp', { [WORDS.toolsets]: 'work, inventory' })).toEqual(['search_work', 'get_item'])
    expect(chosen('/mcp', { [WORDS.tools]: 'get_item' })).toEqual(['get_item'])
    expect(chosen('/mcp', { [WORDS.exclude]: 'get_item' })).not.toContain('get_item')
    expect(chosen('/mcp?toolsets=work,inventory', { [WORDS.toolsets]: 'inventory,core' })).toEqual([
      'get_item',
    ])
    expect(chosen('/mcp?readonly=true', { 'x-mcp-readonly': 'false' })).not.toContain('plan_change')
    expect(chosen('/mcp?toolsets=work', { [WORDS.toolsets]: 'all' })).toEqual(['search_work'])
  })

  test('no wish is taken for another that is written alike in other headers', () => {
    expect(chosen('/mcp', { [WORDS.toolsets]: 'work', [WORDS.tools]: 'get_item ' })).toEqual([
      'search_work',
      'get_item',
    ])
    expect(chosen('/mcp', { [WORDS.toolsets]: 'work get_item' })).toMatch(/no toolset "work get_item"/)
  })

  test('the same wish has one key, however it is spelt', () => {
    const key = (url: string): string | null => {
      const selection = read(url, {})
      return selection.ok ? selection.value.key : null
    }
    expect(key('/mcp?toolsets=work,inventory')).toBe(key('/mcp/x?toolsets=%20inventory,WORK,work'))
    expect(key('/mcp?tools=find_work')).toBe(key('/mcp?tools=search_work'))
    expect(key('/mcp?readonly=0')).toBe('')
    expect(key('/mcp?toolsets=work')).not.toBe(key('/mcp?toolsets=inventory'))
  })
})

describe('a wish that cannot be understood is refused by name', () => {
  test.each<[string, RegExp]>([
    ['?toolsets=wrok', /^There is no toolset "wrok"\. Did you mean "work"\?$/],
    ['?tools=get_itme', /^There is no tool "get_itme"\. Did you mean "get_item"\?$/],
    ['?exclude=nothing_like_it', /^There is no tool "nothing_like_it"\.$/],
    ['?readonly=yes', /^"readonly" must be true or false\.$/],
    ['?read_only=true', /^The address has an unknown parameter "read_only"\. Did you mean "readonly"\?$/],
    ['?toolset=work', /Did you mean .*"toolsets"/],
    [`?tools=${'x,'.repeat(3_000)}`, /too long/],
    ['?toolsets=%E2%80%AE', /"⟦U\+202E⟧"/],
  ])('%s', (query, expected) => {
    expect(chosen(`/mcp${query}`)).toMatch(expected)
  })

  test('in a header too', () => {
    expect(chosen('/mcp', { 'x-mcp-toolsets': 'wrok' })).toMatch(/no toolset "wrok"/)
    expect(chosen('/mcp', { 'x-mcp-readonly': 'perhaps' })).toMatch(/must be true or false/)
  })
})

test('two tools cannot share a name, nor a name and an alias', () => {
  expect(() => indexTools([echo, { ...echo }])).toThrow('two tools are called echo_text')
  expect(() => indexTools([echo, { ...echo, name: 'other', aliases: ['echo_text'] }])).toThrow('two tools')
})
