/**
 * Choices that public sources about Maximo leave open or that differ between instances. The defaults are the strict
 * or the better attested reading; a test that wants the other one says so.
 */
export interface SimulatorRules {
  /** Forms of a date-time literal in `oslc.where`. IBM documents an offset; one probed instance took only naive ones. */
  readonly dates: 'both' | 'offset' | 'naive'
  /** `/maximo/api` demands an API key; `true` lets a `maxauth` header in as well. */
  readonly apiTakesMaxauth: boolean
  /** `/maximo/oslc` with an API key works under native authentication, not under app-server security. */
  readonly oslcTakesApiKey: boolean
  /** An API-key call gets a `JSESSIONID` without credentials; replaying it is the cookie trap. */
  readonly cookieOnApiKey: boolean
  /** With `enablesession=1` that session is the user's own. IBM's Python client asks for it; no answer was captured. */
  readonly keyTakesSession: boolean
  /** Status of BMXAA9549E. IBM's support page shows 400. */
  readonly invalidKeyStatus: 400 | 401
  /** A blank inside `in [...]` is a syntax error on instances seen in the field. */
  readonly inListBlanks: boolean
  /** `_` inside a value with `%` matches any one character, as in SQL. */
  readonly likeUnderscore: boolean
  /** How several search tokens combine. IBM's example joins them with OR. */
  readonly searchTermsJoin: 'or' | 'and'
  /** Reason code of an attribute that does not exist; never captured, one of this family. */
  readonly unknownAttributeCode: 'BMXAA8742E' | 'BMXAA8744E'
  /** `mxe.oslc.maxpagesize`; a larger `oslc.pageSize` is an error. */
  readonly maxPageSize: number
  /** Auto-paging threshold of every object structure; null: a request without a page size is answered whole. */
  readonly autoPageSize: number | null
  /** Longer request targets get `414` with HTML, as from a router. */
  readonly maxUrlBytes: number
  /** First segment of relative hrefs: IBM's apps see `oslc` even when `/api` was called. */
  readonly relativePrefix: 'oslc' | 'called'
  /** `mxe.oslc.webappurl`: prefix of absolute hrefs without `x-public-uri`. Null: this listener's `/maximo/oslc`. */
  readonly webAppUrl: string | null
  /** Whose table of work-order moves: IBM's support page, or the subset of its Anywhere client (maximo-api §8.2). */
  readonly workOrderMoves: 'ibm' | 'anywhere'
  /** An `If-Match` header is answered with 412, whatever it holds: the ETag of a record is `0` (maximo-api §3.2). */
  readonly ifMatchRefused: boolean
  /** A true HTTP `PATCH` is an update; the guide knows only POST with `x-method-override`. */
  readonly truePatch: boolean
  /** Largest attachment, in bytes; a larger one is 413 BMXAA2249E. */
  readonly maxAttachmentBytes: number
  /** A native login may be the pair `apikey:<key>`, from 9.1 on (maximo-api §1.2). */
  readonly maxauthTakesApiKey: boolean
  /** A bearer of the identity provider opens `/oslc`; `/api` never takes one. */
  readonly oslcTakesBearer: boolean
  /** A client certificate alone opens the API with `ccm=1`, as IBM's own operators call it; false: without it too. */
  readonly certificateNeedsCcm: boolean
  /** Errors without `lean` carry a timestamp, in recent builds. */
  readonly errorTimestamp: boolean
  /** Maximum lengths that differ from the tables, by attribute. */
  readonly lengths: Readonly<Record<string, number>>
  /** Object structures that this version does not have. */
  readonly absentStructures: readonly string[]
  /** What `maxupg` says. */
  readonly build: string
  /** `mxe.oslc.idleexpiry`: a stable result set ends after this much idle time. */
  readonly stableIdleMs: number
  /** Sessions end after this much idle time. */
  readonly sessionIdleMs: number
}

export const DEFAULT_RULES: SimulatorRules = {
  dates: 'both',
  apiTakesMaxauth: false,
  oslcTakesApiKey: true,
  cookieOnApiKey: true,
  keyTakesSession: true,
  invalidKeyStatus: 400,
  inListBlanks: false,
  likeUnderscore: false,
  searchTermsJoin: 'or',
  unknownAttributeCode: 'BMXAA8742E',
  maxPageSize: 1000,
  autoPageSize: null,
  maxUrlBytes: 8192,
  relativePrefix: 'oslc',
  webAppUrl: null,
  workOrderMoves: 'ibm',
  ifMatchRefused: true,
  truePatch: false,
  maxAttachmentBytes: 10 * 1024 * 1024,
  maxauthTakesApiKey: true,
  oslcTakesBearer: true,
  certificateNeedsCcm: true,
  errorTimestamp: true,
  lengths: {},
  absentStructures: [],
  build: 'V9100-339',
  stableIdleMs: 5 * 60_000,
  sessionIdleMs: 30 * 60_000,
}
