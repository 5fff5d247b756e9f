import { MaximoFault } from '../fault.ts'
import type { MaximoSession } from '../session.ts'

/** Told with an answer of Maximo: whether it took the credential. */
export type HearVerdict = (isTaken: boolean) => void

/** A session that tells what Maximo makes of its credential. What was not shown to Maximo, or not answered, is not told. */
export const tellingVerdicts = (session: MaximoSession, tell: HearVerdict): MaximoSession => {
  const told = async <T>(asked: Promise<T>, isTaken: (answer: T) => boolean = yes): Promise<T> => {
    try {
      const answer = await asked
      tell(isTaken(answer))
      return answer
    } catch (error) {
      if (isRefusal(error)) tell(false)
      throw error
    }
  }
  return {
    ...session,
    get: (...asked) => told(session.get(...asked)),
    download: (...asked) => told(session.download(...asked)),
    post: (...posted) => told(session.post(...posted), ({ status }) => status !== UNAUTHORIZED),
  }
}

const yes = (): boolean => true

const isRefusal = (error: unknown): boolean =>
  error instanceof MaximoFault && error.kind === 'credentials_rejected' && error.detail !== 'not_tried_again'

const UNAUTHORIZED = 401
