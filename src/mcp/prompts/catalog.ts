import { OFFICE_PROMPTS } from './office-prompts.ts'
import type { Prompt } from './prompt.ts'
import { WORK_PROMPTS } from './work-prompts.ts'

/** Every prompt, in the order in which clients see them. */
export const PROMPTS: readonly Prompt[] = [...WORK_PROMPTS, ...OFFICE_PROMPTS]
