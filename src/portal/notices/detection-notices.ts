import type { NoticedDetection } from '../../crypto/detection.ts'
import type { PortalRecords } from '../records/records.ts'
import type { Notice } from './find-notices.ts'

export interface Names {
  readonly records: Pick<PortalRecords, 'connections' | 'machines'>
  /** What the owner calls an environment; undefined: not known at the moment. */
  readonly labelOf: (environment: string) => string | undefined
}

/** What an owner is told of a pattern that was noticed, here or at the MCP server. */
export function detectionNotice(noticed: NoticedDetection, names: Names): Notice {
  const { id, atMs, rule, more } = noticed
  const { tone, heading, what, todo } = SENTENCES[rule](noticed, subjectOf(noticed, names))
  const since =
    more === null || more === 0 ? '' : ` ${more} more of the same followed, and were not told one by one.`
  return { id: `detection-${id}`, tone, heading, what: `${what}${since}`, todo, atMs, isDismissible: true }
}

function subjectOf({ subject: { kind, id } }: NoticedDetection, { records, labelOf }: Names): string {
  if (kind === 'environment') return quoted(labelOf(id)) ?? 'one of your environments'
  const gid = kind === 'client' ? records.machines.find(id)?.gid : id
  const connection = gid === undefined ? null : records.connections.find(gid)
  return quoted(connection?.clientName) ?? 'one of your connections'
}

const quoted = (name: string | undefined): string | null => (name === undefined ? null : `“${name}”`)

type Sentences = Pick<Notice, 'tone' | 'heading' | 'what' | 'todo'>

const SENTENCES: Readonly<
  Record<NoticedDetection['rule'], (noticed: NoticedDetection, subject: string) => Sentences>
> = {
  failed_sign_ins: ({ count, windowMs, addresses }, subject) => ({
    tone: 'bad',
    heading: `Somebody tried to sign in as ${subject}`,
    what: `${count} attempts within ${minutes(windowMs)} did not prove who it was${from(addresses)}. None of them was let in.`,
    todo: 'If that was your own program, it has the wrong secret or key. If not, nothing has to be done, unless the secret may be known: then give it another one at Connections.',
  }),
  unusual_hours: ({ addresses }, subject) => ({
    tone: 'warn',
    heading: `${capital(subject)} worked at an unusual hour`,
    what: `It was used at an hour at which it is not used otherwise${from(addresses)}.`,
    todo: 'If you did not start it or change its schedule, end it at Connections and look in your audit log for what it did.',
  }),
  data_volume: ({ count, windowMs, limit }, subject) => ({
    tone: 'bad',
    heading: `${capital(subject)} read unusually much`,
    what: `It read ${count} records within ${minutes(windowMs)}; ${limit} are usual or allowed without a word.`,
    todo: 'If that was no report or export of yours, end it at Connections and look in your audit log for what it read.',
  }),
  new_address: ({ addresses }, subject) => ({
    tone: 'warn',
    heading: `${capital(subject)} was used from a new place`,
    what: `It was used${from(addresses)}, a network in which it was not seen before.`,
    todo: 'If you did not move it, somebody else has its token: end it at Connections.',
  }),
  scope_escalation: ({ count, windowMs }, subject) => ({
    tone: 'bad',
    heading: `${capital(subject)} tried what it may not do`,
    what: `${count} of its calls within ${minutes(windowMs)} asked for a scope or an object that you did not give it. None was carried out.`,
    todo: 'If you did not ask it to, its client or what it reads may be led by somebody else: end it at Connections.',
  }),
  error_rate: ({ count, windowMs, tool }, subject) => ({
    tone: 'warn',
    heading: `Many calls to ${subject} fail`,
    what: `${count} % of the calls${tool === undefined ? '' : ` of ${tool}`} within ${minutes(windowMs)} failed, at Maximo or on the way to it.`,
    todo: 'If it does not pass by itself, look whether Maximo is up and whether the key at Environments still works.',
  }),
}

const from = (addresses: readonly string[]): string =>
  addresses.length === 0 ? '' : `, from ${addresses.join(', ')}`

const minutes = (ms: number): string => {
  const whole = Math.round(ms / 60_000)
  return whole === 1 ? 'a minute' : `${whole} minutes`
}

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`
