import type { z } from 'zod'
import { err, type Result } from '../../../kernel/result.ts'
import { MaximoFault } from '../../../maximo/fault.ts'
import { faultProblem, ruleProblem } from '../problem/fault-problem.ts'
import { ObjectRefused } from '../run/guarded-maximo.ts'
import type { figureOutput, partOutput } from '../result/outputs.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'

export type Figure = z.output<typeof figureOutput>
/** One side of the fraction: what it is, how much, and how many rows it was computed over. */
export type Part = z.output<typeof partOutput>

export interface Measured {
  readonly numerator: Part
  /** Absent: the numerator is the figure. */
  readonly denominator?: Part
  /** Why there is no figure though everything was read. */
  readonly unknown?: string | undefined
  readonly notes?: readonly string[]
}

export interface FigureSaid {
  readonly kpi: string
  readonly unit: '%' | 'hours'
  readonly formula: string
}

/** The figure of what was measured, or one that says why it is not known. */
export const figureOf = (said: FigureSaid, measured: Result<Measured, ToolProblem>): Figure =>
  measured.ok ? knownFigure(said, measured.value) : { ...headOf(said, null), ...unreadable(measured.error) }

function knownFigure(said: FigureSaid, { numerator, denominator, unknown, notes = [] }: Measured): Figure {
  const value = unknown === undefined ? quotient(numerator, denominator, said.unit) : null
  const reason = unknown ?? `There are no ${denominator?.what ?? 'rows'}.`
  return {
    ...headOf(said, value),
    numerator: shown(numerator),
    ...(denominator !== undefined && { denominator: shown(denominator) }),
    complete: true,
    ...(value === null && { reason }),
    ...(notes.length > 0 && { notes: [...notes] }),
  }
}

const unreadable = ({ what, why, next }: ToolProblem): Pick<Figure, 'complete' | 'reason'> => ({
  complete: false,
  reason: [what, why, next].filter((text) => text !== null).join(' '),
})

const headOf = (
  { kpi, unit, formula }: FigureSaid,
  value: number | null,
): Pick<Figure, 'kpi' | 'value' | 'unit' | 'formula'> => ({ kpi, value, unit, formula })

const shown = (part: Part): Part => ({ ...part, value: rounded(part.value) })

function quotient(over: Part, under: Part | undefined, unit: FigureSaid['unit']): number | null {
  if (under === undefined) return rounded(over.value)
  if (under.value === 0) return null
  return rounded((over.value / under.value) * (unit === '%' ? 100 : 1))
}

/** Hundredths are enough for a figure, and hide that sums of decimals are not exact. */
export const rounded = (value: number): number => Math.round(value * 100) / 100

/** A figure that needs an object which the caller may not read is unknown; the others are not. */
export async function unlessForbidden<T>(
  measure: () => Promise<Result<T, ToolProblem>>,
): Promise<Result<T, ToolProblem>> {
  try {
    return await measure()
  } catch (error) {
    if (error instanceof ObjectRefused) return err(ruleProblem(error))
    if (error instanceof MaximoFault && error.kind === 'not_permitted') return err(faultProblem(error))
    throw error
  }
}
