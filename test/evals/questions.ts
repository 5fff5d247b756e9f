import type { Question } from './question.ts'
import { ASSET_QUESTIONS } from './questions/assets.ts'
import { COUNT_QUESTIONS } from './questions/counts.ts'
import { PLANNING_QUESTIONS } from './questions/planning.ts'
import { PROMISE_QUESTIONS } from './questions/promises.ts'
import { RELIABILITY_QUESTIONS } from './questions/reliability.ts'
import { SUPPLY_QUESTIONS } from './questions/supply.ts'
import { WORK_QUESTIONS } from './questions/work.ts'

export const QUESTIONS: readonly Question[] = [
  ...WORK_QUESTIONS,
  ...PLANNING_QUESTIONS,
  ...ASSET_QUESTIONS,
  ...SUPPLY_QUESTIONS,
  ...RELIABILITY_QUESTIONS,
  ...COUNT_QUESTIONS,
  ...PROMISE_QUESTIONS,
]
