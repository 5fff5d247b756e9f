import type { WriteChecker } from '../../../maximo/write/check.ts'
import type { ToolContext } from '../../tools/tool.ts'
import type { Answer, Wanted } from '../plan.ts'

/** What a tool wants of a record, named as its caller named it. */
export type Proposal = Wanted & {
  readonly site?: string | undefined
  /** The row stamp that the caller read: another one is a conflict. */
  readonly expected?: string | undefined
  /** What Maximo asked over it before, and is answered. */
  readonly answers?: readonly Answer[] | undefined
}

/** What a proposal is examined with. */
export interface Examiner {
  readonly context: ToolContext
  readonly checker: WriteChecker
}

type Children = Extract<Wanted, { readonly op: 'create' }>['children']

export const childrenOf = ({
  children,
}: {
  readonly children?: Children
}): { readonly children?: NonNullable<Children> } => (children === undefined ? {} : { children })
