import { z } from 'zod'
import type { WriteQuestion } from '../../../maximo/write/contract.ts'
import type { ChangeStep } from '../../records/changes.ts'
import type { SealedBox } from '../../sealed-box.ts'

/** What Maximo asked instead of writing, as the journal keeps it: its words are for those who may see the change. */
const question = z.strictObject({
  change: z.string(),
  id: z.string(),
  choices: z.array(z.enum(['ok', 'cancel', 'yes', 'no'])),
  code: z.string().nullable(),
  untrusted: z.string().nullable(),
})

export const sealQuestion = (
  { id, choices, code, untrusted }: WriteQuestion,
  change: string,
  box: SealedBox,
): Promise<string> =>
  box.seal({ change, id, choices: [...choices], code, untrusted: untrusted?.slice(0, MAX_WORDS) ?? null })

/** Null: this step has none. */
export async function openQuestion({ id, asked }: ChangeStep, box: SealedBox): Promise<WriteQuestion | null> {
  const opened = asked === undefined ? null : await box.open(asked, question)
  return opened?.change === id ? opened : null
}

const MAX_WORDS = 1_000
