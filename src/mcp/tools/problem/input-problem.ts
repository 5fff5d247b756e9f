import type { z } from 'zod'
import { didYouMean } from './did-you-mean.ts'
import type { ToolProblem } from './tool-problem.ts'
import { visible } from '../result/visible.ts'

const MAX_ISSUES = 4
const MAX_NAME = 60

/** Turns what zod found into one problem that names each wrong argument, with a suggestion for a misspelt one. */
export function inputProblem(tool: string, error: z.ZodError, known: readonly string[]): ToolProblem {
  const shown = error.issues.slice(0, MAX_ISSUES).map((issue) => issueText(issue, known))
  return {
    kind: 'invalid_input',
    what: `The arguments of ${tool} are not valid. ${shown.join(' ')}`,
    why: null,
    next: `Correct the arguments and call ${tool} again. Arguments: ${known.length === 0 ? 'none' : known.join(', ')}.`,
  }
}

function issueText(issue: z.core.$ZodIssue, known: readonly string[]): string {
  const where = issue.path.map((part) => short(String(part))).join('.')
  if (issue.code === 'unrecognized_keys') return unknownArguments(issue.keys, where, known)
  return `${where === '' ? 'The arguments' : where}: ${visible(issue.message)}.`
}

function unknownArguments(keys: readonly string[], where: string, known: readonly string[]): string {
  return keys
    .slice(0, MAX_ISSUES)
    .map((key) => {
      const place = where === '' ? '' : ` in ${where}`
      return `There is no argument "${short(key)}"${place}.${where === '' ? didYouMean(key, known) : ''}`
    })
    .join(' ')
}

/** A name that the caller sent, safe and short enough to repeat. */
const short = (name: string): string => visible(name.slice(0, MAX_NAME))
