/** What the client of a call can ask its person, and what that person said (MCP 2026-07-28, multi-round-trip requests). */
export interface Asking {
  /** The request is of an era that can carry a question, and its client declared that it asks them. */
  readonly canElicit: boolean
  /** The answer to an earlier question, as the client sent it: nothing in it is believed unread. Null: none came. */
  readonly reply: Reply | null
}

export interface Reply {
  /** What was handed out with the question, sealed by whoever asked it. */
  readonly state: string
  readonly isAccepted: boolean
}

/** A question for the person at the client, instead of an answer. Only a call that can elicit may end in one. */
export interface Elicitation {
  /** Plain text, shown as it is. */
  readonly message: string
  /** Comes back with the answer. */
  readonly state: string
}
