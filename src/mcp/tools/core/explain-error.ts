import { z } from 'zod'
import { err, ok } from '../../../kernel/result.ts'
import { originOf } from '../result/as-of.ts'
import { didYouMean } from '../problem/did-you-mean.ts'
import { codeProblem } from '../problem/fault-problem.ts'
import { explainedCodes } from '../problem/reason-sentences.ts'
import { plainOutput } from '../result/outputs.ts'
import { visible, visibleJson } from '../result/visible.ts'
import { defineTool } from '../tool.ts'

export const explainError = defineTool({
  name: 'explain_error',
  title: 'Explain a Maximo error',
  description: 'Cause and remedy of a reason code of Maximo (BMXAA…), wherever it was seen.',
  toolset: 'core',
  isOnRequest: true,
  scopes: [],
  effect: 'read',
  risk: 'none',
  costUnits: 1,
  reachesOutside: false,
  input: z.strictObject({ code: z.string().min(1).max(40).describe('e.g. BMXAA9301E') }),
  output: plainOutput,
  run({ code }, context) {
    const name = code.trim().toUpperCase()
    const explained = codeProblem(name)
    if (explained !== null)
      return Promise.resolve(
        ok({ text: visibleJson({ ...originOf(context), code: name, ...explained }), recordCount: 1 }),
      )
    return Promise.resolve(
      err({
        kind: 'not_found' as const,
        what: `Nothing is known here about the code "${visible(name)}".${didYouMean(name, explainedCodes())}`,
        why: null,
        next: 'Ask a Maximo administrator, or look for the code in the documentation of IBM.',
      }),
    )
  },
})
