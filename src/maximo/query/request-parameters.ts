import type { CompiledFilter } from './filter.ts'
import type { CompiledOrder } from './order.ts'
import type { Parameter } from './parameters.ts'
import type { CompiledSelect } from './select.ts'

/** The parameters of a question, each part by itself (REST guide, filtering, selecting, sorting). */
export const filterParameters = (filter: CompiledFilter, where: string | null): readonly Parameter[] => [
  ...(where === null ? [] : [['oslc.where', where] as const]),
  ...(filter.isOr ? [['opmodeor', '1'] as const] : []),
  ...(filter.search === null
    ? []
    : [
        ['searchAttributes', filter.search.attributes] as const,
        ['oslc.searchTerms', filter.search.terms] as const,
      ]),
  ...(filter.saved === null ? [] : filter.saved.parameters),
]

/** @param alsoNeeded What rows are sorted by here must come along. */
export const selectParameters = (
  { tokens, needsInternalValues }: CompiledSelect,
  alsoNeeded: readonly CompiledOrder[],
): readonly Parameter[] => {
  const whole = [...new Set([...tokens, ...alsoNeeded.map(({ field }) => field)])].join(',')
  return [
    ['ignorecollectionref', '1'],
    ...(whole === '' ? [] : [['oslc.select', whole] as const]),
    ...(needsInternalValues ? [['internalvalues', '1'] as const] : []),
  ]
}

/** Each field needs a sign; `+` arrives as `%2B`. */
export const orderParameters = (order: readonly CompiledOrder[]): readonly Parameter[] =>
  order.length === 0
    ? []
    : [
        [
          'oslc.orderBy',
          order.map(({ field, isDescending }) => `${isDescending ? '-' : '+'}${field}`).join(','),
        ],
      ]

/** `{"totalCount":n}` and no row; a page of one is about ten times faster (REST guide, performance). */
export const countParameters: readonly Parameter[] = [
  ['count', '1'],
  ['oslc.pageSize', '1'],
]
