import type { Fault } from '../faults.ts'
import { errorBody } from './error-body.ts'
import { BmxError } from '../errors.ts'

/** An answer on its way out. */
export interface WireAnswer {
  readonly status: number
  readonly contentType: string
  readonly body: Buffer
}

/** Plays a fault that bends a good answer: its bytes, its type, or what it says. */
export function bendAnswer(fault: Fault | null, sent: WireAnswer): WireAnswer {
  switch (fault?.kind) {
    case 'truncated-json':
      return { ...sent, body: sent.body.subarray(0, Math.floor(sent.body.length / 2)) }
    case 'huge-body':
      return { ...sent, body: padded(sent.body, fault.bytes) }
    case 'content-type':
      return { ...sent, contentType: fault.value }
    case 'bad-utf8':
      return { ...sent, body: withBrokenBytes(sent.body) }
    case 'foreign-next-page':
      return { ...sent, body: rewritten(sent.body, (info) => movePage(info, fault.origin)) }
    case 'next-page-loop':
      return {
        ...sent,
        body: rewritten(sent.body, loopPage),
      }
    case 'wrong-total':
      return { ...sent, body: rewritten(sent.body, (info) => shiftTotal(info, fault.by)) }
    case 'error-in-200':
      return { ...sent, status: 200, body: errorBytes() }
    case undefined:
    case 'latency':
    case 'html-error':
    case 'login-page':
    case 'redirect':
    case 'reset':
    case 'silence':
    case 'too-many-requests':
    case 'admin-mode':
    case 'unavailable':
    case 'bmx-error':
      return sent
  }
}

type Info = Record<string, unknown>

/** Lets `change` edit `responseInfo`, or the whole answer to `count=1`; what has neither stays as it is. */
function rewritten(body: Buffer, change: (info: Info) => void): Buffer {
  const parsed: unknown = JSON.parse(body.toString('utf8'))
  if (!isRecord(parsed)) return body
  change(isRecord(parsed['responseInfo']) ? parsed['responseInfo'] : parsed)
  return Buffer.from(JSON.stringify(parsed))
}

const isRecord = (value: unknown): value is Info =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function movePage(info: Info, origin: string): void {
  const next = info['nextPage']
  if (!isRecord(next) || typeof next['href'] !== 'string') return
  const address = new URL(next['href'], 'http://relative.invalid/maximo/')
  next['href'] = `${origin}${address.pathname}${address.search}`
}

function loopPage(info: Info): void {
  if (info['href'] !== undefined) info['nextPage'] = { href: info['href'] }
}

function shiftTotal(info: Info, by: number): void {
  if (typeof info['totalCount'] === 'number') info['totalCount'] += by
}

/** Puts a member of this many bytes before the last brace. */
function padded(body: Buffer, bytes: number): Buffer {
  const text = body.toString('utf8')
  const filler = 'x'.repeat(bytes)
  if (text.startsWith('[')) return Buffer.from(`${text.slice(0, -1)},"${filler}"]`)
  return Buffer.from(`${text.slice(0, -1)},"padding":"${filler}"}`)
}

function withBrokenBytes(body: Buffer): Buffer {
  const at = body.indexOf('":"')
  if (at === -1) return body
  return Buffer.concat([body.subarray(0, at + 3), Buffer.from([0xc3, 0x28, 0xff]), body.subarray(at + 3)])
}

const errorBytes = (): Buffer => {
  const error = new BmxError(400, 'BMXAA4198E', 'A script raised an error.')
  return Buffer.from(
    JSON.stringify(errorBody(error, { isLean: true, moreInfo: 'oslc/error/messages', nowMs: 0 })),
  )
}
