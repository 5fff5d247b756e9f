/** What the product promises of a ratio. */
export type Bound = { readonly atLeast: number } | { readonly atMost: number }

export interface Judge {
  /** Prints a ratio beside what was promised of it, and keeps whether the promise holds. What is no number does not. */
  readonly judge: (what: string, measured: number, promised: Bound) => void
  /** 0 when all promises that were judged hold, else 1. */
  readonly exitCode: () => number
}

export function openJudge(print: (line: string) => void): Judge {
  let broken = 0
  return {
    judge: (what, measured, promised) => {
      const [word, bound] =
        'atLeast' in promised
          ? (['at least', promised.atLeast] as const)
          : (['at most', promised.atMost] as const)
      const holds = 'atLeast' in promised ? measured >= bound : measured <= bound
      if (!holds) broken += 1
      const digits = bound < 1 ? 3 : 2
      print(
        `${what}: ${measured.toFixed(digits)}×  (promised: ${word} ${bound}×${holds ? '' : ', NOT HELD'})`,
      )
    },
    exitCode: () => (broken === 0 ? 0 : 1),
  }
}
