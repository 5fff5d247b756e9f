import { ok } from '../../kernel/result.ts'
import { getRecord } from '../tools/query/get-record.ts'
import { completeObject } from './complete/objects.ts'
import { completeKey } from './complete/keys.ts'
import type { TemplateResource } from './resource.ts'
import { jsonAnswer, KEY, OBJECT } from './shapes.ts'

/** One record as `get_record` shows it. */
export const recordResource: TemplateResource = {
  name: 'record',
  title: 'One record',
  description: 'One record by its key (BEDFORD/1001 as BEDFORD%2F1001) or resource id, with its own fields.',
  mimeType: 'application/json',
  tool: getRecord.name,
  path: 'record/{object}/{key}',
  variables: {
    object: { pattern: OBJECT, complete: completeObject },
    key: { pattern: KEY, complete: completeKey },
  },
  ttlMs: 0,
  async read({ object, key }, context, uri) {
    const prepared = getRecord.prepare({ object, id: key })
    if (!prepared.ok) return prepared
    const answer = await prepared.value(context)
    return answer.ok ? ok(jsonAnswer(uri, answer.value)) : answer
  },
}
