import type { FieldProblem } from './contract.ts'
import { fieldProblem } from './problems.ts'

/** What is wrong with a memo; how much of it an installation keeps, Maximo says itself (BMXAA4049E). */
export const memoProblem = (memo: string | undefined): FieldProblem | null =>
  memo === undefined || MEMO.test(memo)
    ? null
    : fieldProblem('bad_value', 'memo', 'A memo is one line of at most 256 characters.')

const MEMO = /^[^\p{Cc}\p{Cs}\u2028\u2029]{1,256}$/u
