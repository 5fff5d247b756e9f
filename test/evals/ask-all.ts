import { check, type Question } from './question.ts'
import { BARE_LIST_TOKENS, bareTool, type Connected, type Spent } from './tools.ts'
import type { World } from './world.ts'

/** How a question went on both sides. */
export interface Outcome {
  readonly question: Question
  readonly our: Spent
  readonly bare: Spent
  /** What is wrong with either answer; null: nothing. */
  readonly fault: string | null
}

/** Asks one question both ways. */
export async function askBoth(question: Question, world: World, client: Connected): Promise<Outcome> {
  const truth = question.truth(world)
  const { our, spent } = client.tools()
  const bare = bareTool(world)
  const ours = check(await question.our(our, world), truth)
  const theirs = check(await question.bare(bare, world), truth)
  const fault = ours === null ? (theirs === null ? null : `bare tool: ${theirs}`) : `our tools: ${ours}`
  return { question, our: spent, bare: bare.spent, fault }
}

const WIDTH = 24

/** What a question cost with our tools, and with a bare query tool that reaches the same answer. */
export const lineOf = ({ question, our, bare }: Outcome): string =>
  line(question.id, [our, bare], question.asks)

export const HEAD = `${' '.repeat(WIDTH)}      calls     tokens bare calls bare tokens`

/** All questions together. */
export function sumLine(outcomes: readonly Outcome[], { listTokens }: Connected): string {
  const sum = (of: (outcome: Outcome) => Spent): Spent => ({
    calls: outcomes.reduce((total, outcome) => total + of(outcome).calls, 0),
    tokens: outcomes.reduce((total, outcome) => total + of(outcome).tokens, 0),
  })
  const more = `and once per conversation the list of tools: ${listTokens} and ${BARE_LIST_TOKENS} tokens`
  return line('all', [sum(({ our }) => our), sum(({ bare }) => bare)], more)
}

const line = (id: string, sides: readonly Spent[], more: string): string => {
  const figures = sides.flatMap(({ calls, tokens }) => [calls, tokens])
  return [id.padEnd(WIDTH), ...figures.map((figure) => String(figure).padStart(10)), ` ${more}`].join(' ')
}
