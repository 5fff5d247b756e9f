/**
 * The question, as data. Nothing here is text that reaches Maximo unread: fields are looked up in the object's
 * schema, operators in {@link OPERATORS}, values are typed by the schema and quoted by one function.
 */

/** `like` takes `%` as wildcard; `contains`, `starts` and `ends` take plain text. `between` includes both ends. */
export const OPERATORS = [
  'eq',
  'ne',
  'gt',
  'ge',
  'lt',
  'le',
  'in',
  'notin',
  'like',
  'contains',
  'starts',
  'ends',
  'null',
  'notnull',
  'between',
] as const

export type Operator = (typeof OPERATORS)[number]

/**
 * One condition, as it came in: the compiler checks all three parts and says what is wrong with them.
 * `field` is an attribute (`status`), an attribute of a relation (`location.description`) or of a child object
 * (`woactivity.taskid`: some row has it). `value` is a string, number or boolean; a list for `in`/`notin`; a pair
 * for `between`; absent for `null`/`notnull`. Dates: `2026-05-01` (the whole day) or an instant with offset.
 */
export interface Condition {
  readonly field: string
  readonly op: string
  readonly value?: unknown
}

/**
 * A tree of conditions. `some` asks for one row of a child object or relation that meets all of its conditions, whose
 * fields are then named without the child; conditions on `child.field` side by side may be met by different rows.
 */
export type Criterion =
  | Condition
  | { readonly all: readonly Criterion[] }
  | { readonly any: readonly Criterion[] }
  | { readonly some: string; readonly all: readonly Condition[] }

export interface OrderTerm {
  readonly field: string
  readonly direction: 'asc' | 'desc'
}

/** What to return. `fields`: attributes, `relation.attribute`. `children`: fields per child object, `['*']` for all. */
export interface Select {
  readonly fields: readonly string[]
  /** Of `doclinks` Maximo gives an address, and how many there are under `doclinks._dbcount`. */
  readonly children?: Readonly<Record<string, readonly string[]>>
  /** Also ask which statuses the record may move to now; read them with `allowedStates(record)`. */
  readonly allowedStates?: boolean
}

export interface Filter {
  /** All of these hold. */
  readonly all?: readonly Criterion[]
  /** And at least one of these, if there are any. */
  readonly any?: readonly Criterion[]
  /** And at least one of these words occurs in at least one of these attributes (Maximo's text search). */
  readonly search?: { readonly words: readonly string[]; readonly fields: readonly string[] }
  /** And this saved query of the object structure finds them. */
  readonly saved?: { readonly name: string; readonly parameters?: Readonly<Record<string, string>> }
}

/**
 * How pages follow each other. `page`: by number; what is inserted or deleted before the place in between shifts rows,
 * so that one may come twice or not at all. `keyset`: by the object's unique number, ascending, in no other order; every
 * record that exists all the while comes exactly once, no record comes twice, new ones come if they are numbered higher.
 * `stable`: in any order, by an answer that Maximo keeps: the query is run once, with the first page, and each record that
 * it found comes exactly once, as it was or as it is; what is inserted later does not come. Forward only: a page cannot be
 * asked for twice, not even when its answer was lost, and after five idle minutes none can. It needs a session at Maximo;
 * where there is none it is refused.
 */
export type Paging = 'page' | 'keyset' | 'stable'

export interface Query extends Filter {
  /** Any case: `mxapiwodetail`. */
  readonly objectStructure: string
  readonly select: Select
  /** Empty: by key, so that paging is stable. */
  readonly orderBy?: readonly OrderTerm[]
  /** Rows per page, 1 to {@link MAX_PAGE_SIZE}. */
  readonly pageSize: number
  /** Default `page`. */
  readonly paging?: Paging
  /** From the page before. Keep the rest of the query the same. */
  readonly page?: PageCursor
  /** Ask for the exact total. With keyset paging the first page has it. */
  readonly count?: boolean
}

/** Plain data, small: seal it, bind it to the query, bring it back. */
export interface PageCursor {
  /** 1-based. */
  readonly page: number
  /** Keyset paging: the unique number of the last record seen. */
  readonly after?: number
  /** Stable paging: the client's name for the answer that Maximo keeps. Nobody but that client knows it. */
  readonly walk?: string
}

export type Metric =
  { readonly kind: 'count' } | { readonly kind: 'sum' | 'avg' | 'min' | 'max'; readonly field: string }

/** Groups computed by Maximo over all matching rows (`gbcols`). No `groupBy`: one row over everything. */
export interface GroupQuery extends Filter {
  readonly objectStructure: string
  readonly groupBy: readonly string[]
  readonly metrics: readonly Metric[]
  /** Groups returned at most; what is cut is said. */
  readonly limit: number
}

export type ProblemReason =
  | 'unknown_field'
  | 'unknown_relation'
  | 'unknown_child'
  | 'unknown_operator'
  | 'unknown_value'
  | 'bad_value'
  | 'bad_name'
  | 'not_filterable'
  | 'not_sortable'
  | 'not_supported'
  | 'too_broad'
  | 'too_long'
  | 'ambiguous_key'

/** What is wrong with a query, in words that can be shown to whoever wrote it. */
export interface QueryProblem {
  readonly reason: ProblemReason
  /** Where: `all[2].value`, `select.fields[0]`, `orderBy[1]`, `key`. */
  readonly path: string
  /** A whole sentence of ours. It repeats names and values only when they are plain and short. */
  readonly message: string
  /** Did you mean: best first, at most three. */
  readonly suggestions: readonly string[]
}

export const MAX_PAGE_SIZE = 1000
/** Rows per page where the choice is ours: small enough for a Maximo that allows few (`mxe.oslc.maxpagesize`). */
export const ROWS_AT_ONCE = 100
