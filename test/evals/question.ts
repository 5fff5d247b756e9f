import { isDeepStrictEqual } from 'node:util'
import type { BareTool, OurTools } from './tools.ts'
import type { World } from './world.ts'

/** Plain data. Where order means nothing, a question sorts it. */
export type Answer = unknown

/** Something that somebody at a plant asks, with a script of calls on either side, and its answer from the plant itself. */
export interface Question {
  readonly id: string
  readonly who: 'planner' | 'technician' | 'buyer' | 'reliability engineer' | 'manager'
  readonly asks: string
  readonly our: (tools: OurTools, world: World) => Promise<Answer>
  readonly bare: (tool: BareTool, world: World) => Promise<Answer>
  /** From the rows of the plant alone. */
  readonly truth: (world: World) => Answer
}

/** A script that asks wrongly, as a hasty reader would. */
export interface WrongScript {
  readonly of: string
  readonly mistake: string
  readonly our: (tools: OurTools, world: World) => Promise<Answer>
}

/** Null: the answer is right. */
export function check(answer: Answer, truth: Answer): string | null {
  const [got, want] = [settled(answer), settled(truth)]
  if (isDeepStrictEqual(got, want)) return null
  return `got ${short(got)}, and it is ${short(want)}`
}

/** Hundredths, since sums of decimals are not exact; members in the order of their names. */
function settled(value: unknown): unknown {
  if (typeof value === 'number') return Math.round(value * 100) / 100
  if (Array.isArray(value)) return value.map(settled)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([name, one]) => [name, settled(one)] as const)
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}

const short = (value: unknown): string =>
  value === undefined ? 'undefined' : JSON.stringify(value).slice(0, 300)
