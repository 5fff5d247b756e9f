import type { z } from 'zod'
import { journalCopy, journalFetch } from '../../crypto/internal-api.ts'
import type { VerifiedCall } from '../../crypto/internal-call.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import type { Records } from '../records/records.ts'
import { refused, type CallRefusal } from './call-refusal.ts'
import type { Act, SignedRoute } from './signed-route.ts'
import { MAX_PEER_CALL_CHARS } from '../../crypto/formats.ts'

type Deps = { readonly records: Pick<Records, 'accept' | 'read'> }

/** Another MCP server sends what its journal holds. Each speaks for its own journal alone. */
export const journalCopyRoute = ({ records }: Deps): SignedRoute<typeof journalCopy> => ({
  endpoint: journalCopy,
  ...AMONG_PEERS,
  isRoutine: true,
  act: async ({ writer, ...copied }, call) =>
    answered(writer, call, await ofItsWriter(writer, call, () => records.accept(writer, copied))),
})

/** Another MCP server has lost its journal, and asks for what we keep of it: seldom, and never unrecorded. */
export const journalFetchRoute = ({ records }: Deps): SignedRoute<typeof journalFetch> => ({
  endpoint: journalFetch,
  ...AMONG_PEERS,
  act: async ({ writer, after }, call) => {
    const found = await ofItsWriter(writer, call, () => records.read(writer, after))
    return answered(writer, call, found === null ? null : { ...found, lines: [...found.lines] })
  },
})

/** A revocation is in force when every copy has it. Doing it twice is doing it once, and a silent store must not keep servers from telling each other what they decided. */
const AMONG_PEERS = {
  eventType: 'internal.call',
  callers: ['peer'],
  isRepeatable: true,
  load: 'revocation',
  maxBodyBytes: MAX_PEER_CALL_CHARS,
} as const

const ofItsWriter = <T>(
  writer: string,
  { issuer }: VerifiedCall,
  act: () => Promise<T | null>,
): Promise<T | null> => (issuer === writer ? act() : Promise.resolve(null))

function answered<Answer extends z.input<typeof journalCopy.answer> | z.input<typeof journalFetch.answer>>(
  writer: string,
  { issuer }: VerifiedCall,
  answer: Answer | null,
): Result<Act<Answer>, CallRefusal> {
  if (answer !== null) return ok({ answer, event: { principal: issuer } })
  return err(refused(issuer === writer ? 'writer_unknown' : 'not_its_writer'))
}
