import { appendFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { inject } from 'vitest'
import { GroupCommittedFile } from '../../../src/kernel/group-committed-file.ts'

/** Of the process: test files share it, and may load this module each for itself. */
const shared = globalThis as typeof globalThis & { notedEventTypes?: Set<string> }
const noted = (shared.notedEventTypes ??= new Set<string>())

/** In every process of tests, before their files: each type of record that an audit log of a real service takes is noted once. */
const records = GroupCommittedFile.prototype as GroupCommittedFile & { isWatched?: true }
if (records.isWatched !== true) {
  const append = Reflect.get<typeof records, 'append'>(records, 'append')
  records.isWatched = true
  records.append = function (this: GroupCommittedFile, body) {
    note(body, this.path)
    return append.call(this, body)
  }
}

function note(body: string, path: string): void {
  const type = RECORD.exec(body)?.[1]
  if (type === undefined || noted.has(type)) return
  // Records about the log itself are made by the log, whoever has opened it.
  if (!type.startsWith('audit.') && !isOfService(path)) return
  noted.add(type)
  appendFileSync(join(inject('eventsFolder'), `${process.pid}.txt`), `${type}\n`)
}

/** A service has its journal beside its audit log. A log that a test opened to write into it by hand stands alone. */
function isOfService(path: string): boolean {
  const folder = SERVICE_LOG.exec(path)?.[1]
  return folder !== undefined && existsSync(join(folder, 'journal'))
}

const RECORD = /^\{"timestamp":"[^"]+","eventType":"([^"]+)"/
const SERVICE_LOG = /^(.*[\\/](?:portal|mcp))[\\/]audit[\\/][^\\/]+\.jsonl$/
