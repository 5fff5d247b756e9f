import { oncePer } from '../../../kernel/once-per.ts'
import type { Tool } from '../tool.ts'

/** The tools that have a word of the question in them, the best first; equals stay in the order of the catalog. */
export function rankTools(tools: readonly Tool[], question: string): readonly Tool[] {
  const words = [...new Set(wordsOf(question))]
  return tools
    .map((tool) => ({ tool, score: scoreOf(wordsIn(tool), words) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ tool }) => tool)
}

/** How much a word says about a tool, by where it stands. */
const NAME = 6
const TITLE = 4
const TOOLSET = 3
const ARGUMENT = 2
const DESCRIPTION = 2

type Weights = ReadonlyMap<string, number>

const wordsIn = oncePer((tool: Tool): Weights => {
  const weights = new Map<string, number>()
  const add = (text: string, weight: number): void => {
    for (const word of wordsOf(text)) weights.set(word, Math.max(weights.get(word) ?? 0, weight))
  }
  add(tool.name, NAME)
  add(tool.title, TITLE)
  add(tool.toolset, TOOLSET)
  add(Object.keys(tool.input.shape).join(' '), ARGUMENT)
  add(tool.description, DESCRIPTION)
  return weights
})

/** A whole word counts in full, the beginning of one by half: "invent" finds "inventory". */
const scoreOf = (weights: Weights, words: readonly string[]): number =>
  words.reduce((sum, word) => sum + (weights.get(word) ?? beginningOf(weights, word) / 2), 0)

function beginningOf(weights: Weights, word: string): number {
  if (word.length < MIN_BEGINNING) return 0
  return Math.max(0, ...[...weights].map(([known, weight]) => (known.startsWith(word) ? weight : 0)))
}

const MIN_BEGINNING = 4

/** Lower case, without filling words and plural endings. */
const wordsOf = (text: string): readonly string[] =>
  text
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word.length > 1 && !FILLING.has(word))
    .map((word) => SYNONYMS.get(word) ?? word)
    .flatMap((word) => word.split(' '))
    .map(singular)

const singular = (word: string): string => {
  if (word.length > 4 && word.endsWith('ies')) return `${word.slice(0, -3)}y`
  return word.length > 3 && word.endsWith('s') && !word.endsWith('ss') ? word.slice(0, -1) : word
}

const FILLING = new Set(
  'the of to for and or in on at by with my me is are was what which who how do does can get show list find all any it its from that this an as be than one today tomorrow'.split(
    ' ',
  ),
)

/** What people of the trade say, in the words of the catalog. */
const SYNONYMS: ReadonlyMap<string, string> = new Map([
  ['wo', 'work order'],
  ['wos', 'work orders'],
  ['sr', 'service request'],
  ['ticket', 'service request'],
  ['tickets', 'service requests'],
  ['po', 'purchase order'],
  ['pr', 'purchase requisition'],
  ['equipment', 'asset'],
  ['pm', 'pm preventive maintenance'],
  ['pms', 'pm preventive maintenance'],
  ['stock', 'inventory balance'],
  ['spares', 'inventory item'],
  ['parts', 'inventory items'],
  ['assigned', 'assignment schedule'],
  ['shift', 'schedule'],
  ['roster', 'schedule'],
  ['supplier', 'vendor'],
  ['suppliers', 'vendors'],
  ['approve', 'assignment approval'],
  ['loto', 'safety lockout'],
  ['file', 'attachment'],
  ['files', 'attachments'],
  ['technician', 'labor'],
  ['technicians', 'labor'],
])
