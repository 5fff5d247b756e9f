import type { Result } from '../../kernel/result.ts'
import { err, ok } from '../../kernel/result.ts'
import type { MaximoCall } from '../contract.ts'
import { SessionCookies } from '../credentials/session-cookies.ts'
import { MaximoFault } from '../fault.ts'
import { AnswerLost } from '../http/answer-lost.ts'
import { problem } from '../query/fields.ts'
import type { QueryProblem } from '../query/query.ts'
import type { ReadRequest, RowPage } from './ask-page.ts'
import { type KeptPage, readKeptPage } from './page.ts'
import type { Walk, Walks } from './walks.ts'

interface WalkedPage extends RowPage {
  /** Goes on with the next page. */
  readonly walk: string | null
}
type Walked = Result<WalkedPage, readonly QueryProblem[]>

/**
 * The first page of an answer that Maximo keeps (`stablepaging`, maximo-api §2.5), or the next one of a walk through it.
 * Never by page numbers instead: those promise less.
 * @throws MaximoFault; then the walk is over, since it cannot be known which page Maximo would give next
 */
export const readStable = (request: ReadRequest, walks: Walks, call: MaximoCall): Promise<Walked> => {
  const { page, walk: name } = request.query.page ?? { page: 1 }
  return name === undefined ? begin(request, walks, call) : goOn(request, { name, page, walks }, call)
}

const begin = async (request: ReadRequest, walks: Walks, call: MaximoCall): Promise<Walked> => {
  const { session, query, compiled } = request
  const [queryString = ''] = compiled.queryStrings
  const cookies = new SessionCookies(`${session.base.href}/oslc/`)
  const walk = { queryString, page: 1, objectStructure: query.objectStructure, cookies }
  try {
    const page = await ask(request, walk, call)
    if (page.next === null) return await lastOf(request, page, walk, call)
    if (cookies.isEmpty) return err([NO_SESSION])
    return ok(shown(request, page, walks.begin({ ...walk, queryString: page.next, page: 2 })))
  } catch (error) {
    if (isDetail(error, ['not_kept'])) return err([NOT_KEPT])
    throw error
  }
}

interface At {
  readonly name: string
  readonly page: number
  readonly walks: Walks
}

const goOn = async (
  request: ReadRequest,
  { name, page: number, walks }: At,
  call: MaximoCall,
): Promise<Walked> => {
  const walk = walks.take(name, number)
  if (walk === null || walk.objectStructure !== request.query.objectStructure) return err([WALK_OVER])
  try {
    const page = await ask(request, walk, call)
    if (page.next === null) return await lastOf(request, page, walk, call)
    walks.goOn(name, { ...walk, queryString: page.next, page: number + 1 })
    return ok(shown(request, page, name))
  } catch (error) {
    if (isSessionLost(error)) return err([SESSION_LOST])
    throw error
  }
}

const shown = ({ query }: ReadRequest, { rows, total }: KeptPage, walk: string | null): WalkedPage => ({
  rows,
  total: query.count === true ? total : null,
  hasMore: walk !== null,
  walk,
})

/** Maximo has few sessions. One that cannot be ended now ends by itself when it was idle long enough. */
const lastOf = async (
  request: ReadRequest,
  page: KeptPage,
  { cookies }: Walk,
  call: MaximoCall,
): Promise<Walked> => {
  try {
    if (!cookies.isEmpty) await request.session.endSession(cookies, call)
  } catch (error) {
    if (!(error instanceof MaximoFault || error instanceof AnswerLost)) throw error
  }
  return ok(shown(request, page, null))
}

const ask = async (
  { session, query, compiled }: ReadRequest,
  { queryString, page, cookies }: Walk,
  call: MaximoCall,
): Promise<KeptPage> => {
  const { objectStructure } = query
  const segments = ['os', objectStructure.toLowerCase()]
  const body = await session.getInSession({ segments, queryString, objectStructure }, cookies, call)
  return readKeptPage(body, { base: session.base, page, pageSize: compiled.rows, path: segments.join('/') })
}

const isDetail = (error: unknown, details: readonly string[]): boolean =>
  error instanceof MaximoFault && error.detail !== null && details.includes(error.detail)

/** With cookies alone a 401, a login page or the way to one says nothing about the credential. */
const isSessionLost = (error: unknown): boolean =>
  (error instanceof MaximoFault && error.kind === 'credentials_rejected') ||
  isDetail(error, ['login_page', 'redirect'])

const refused = (path: string, message: string): QueryProblem =>
  problem('not_supported', path, `${message} Page by keyset, or by number.`)

const NO_SESSION = refused(
  'paging',
  'Maximo opened no session for this credential, which stable paging needs.',
)
const NOT_KEPT = refused('paging', 'This Maximo does not keep answers for stable paging.')
const SESSION_LOST = refused('page', 'Maximo does not know the session of this walk any more.')
const WALK_OVER = problem(
  'bad_value',
  'page',
  'This page was given already, or the walk it belongs to is over: ask again from the first page.',
)
