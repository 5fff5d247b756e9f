import type { ToolFacts } from '../tool.ts'

interface Named {
  readonly objectStructure: string
}

/** One kind of record, or several that a tool's argument `kind` chooses from. */
export type OneOrKinds<Subject extends Named> = Subject | Readonly<Record<string, Subject>>

export interface Kinds<Subject> {
  /** Empty: there is no choice, and no argument. */
  readonly names: readonly string[]
  readonly subjects: readonly Subject[]
  readonly facts: Pick<ToolFacts, 'objectStructure' | 'objects'>
  of(kind: unknown): Subject
}

export function kindsOf<Subject extends Named>(subject: OneOrKinds<Subject>): Kinds<Subject> {
  if (isOne(subject)) {
    const { objectStructure } = subject
    return { names: [], subjects: [subject], facts: { objectStructure }, of: () => subject }
  }
  const kinds = Object.entries(subject)
  return {
    names: kinds.map(([name]) => name),
    subjects: kinds.map(([, one]) => one),
    facts: { objects: Object.fromEntries(kinds.map(([name, one]) => [name, one.objectStructure])) },
    of(kind) {
      const found = subject[String(kind)]
      if (found === undefined) throw new Error('the schema let an unknown kind pass')
      return found
    },
  }
}

const isOne = <Subject extends Named>(subject: OneOrKinds<Subject>): subject is Subject =>
  typeof subject.objectStructure === 'string'
