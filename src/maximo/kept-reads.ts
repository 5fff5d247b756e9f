import type { MaximoClient } from './contract.ts'
import type { Select } from './query/query.ts'
import type { KeptAnswers } from './read-cache.ts'
import type { MaximoSession } from './session.ts'

/**
 * A client that gives whole answers again for a moment, to calls that take them: rows, groups and single records.
 * Everything else is asked for anew: a page among others, what is not there, who the user is and what he may do,
 * attachments, and the statuses a record may move to.
 */
export const keepingReads = (client: MaximoClient, answers: KeptAnswers): MaximoClient => ({
  ...client,
  query: (query, call) =>
    answers.answer({
      question: ['query', query],
      age: call.age,
      ask: () => client.query(query, call),
      contentOf: (page) =>
        page.ok && page.value.next === null && (query.page?.page ?? 1) === 1 && isKeepable(query.select)
          ? page.value.records
          : null,
    }),
  aggregate: (query, call) =>
    answers.answer({
      question: ['aggregate', query],
      age: call.age,
      ask: () => client.aggregate(query, call),
      contentOf: (page) => (page.ok && page.value.isComplete ? page.value.groups : null),
    }),
  findRecord: (ref, select, call) =>
    answers.answer({
      question: ['findRecord', ref.objectStructure, ref.id, select],
      age: call.age,
      ask: () => client.findRecord(ref, select, call),
      contentOf: (found) =>
        found.ok && found.value !== null && isKeepable(select) ? found.value.record : null,
    }),
  close: () => {
    answers.close()
    client.close()
  },
})

/** What a record may become changes with more than the record. */
const isKeepable = ({ allowedStates = false }: Select): boolean => !allowedStates

/** A session whose writes, whatever becomes of them, make every kept answer of its environment old. */
export const tellingWrites = (session: MaximoSession, answers: KeptAnswers): MaximoSession => ({
  ...session,
  post: (posting, call) => answers.writing(() => session.post(posting, call)),
})
