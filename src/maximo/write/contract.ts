import type { Readable } from 'node:stream'
import type { MaximoCall, MaximoRecord, RecordRef } from '../contract.ts'

/**
 * The writing half of one Maximo environment. It is no part of `MaximoClient`, so that nothing that reads can come by
 * it. Every write is checked against the schema before anything is sent, is sent once, and merges: a child row goes only
 * where the write says so. Each method throws `MaximoFault`, or the signal's reason, only while it is certain that
 * nothing was changed; what else can happen is an {@link Outcome}.
 */
export interface MaximoWriter {
  create(request: CreateRequest, call: WriteCall): Promise<RecordOutcome>
  /** Changes what it names; null clears. */
  update(request: UpdateRequest, call: WriteCall): Promise<RecordOutcome>
  /** Creates the record, or changes the one that has the key attributes among the values. */
  sync(request: CreateRequest, call: WriteCall): Promise<RecordOutcome>
  /** Each item for itself, 1 to {@link MAX_BULK}; nothing is sent when one of them is `invalid`. */
  bulk(request: BulkRequest, call: WriteCall): Promise<Outcome<BulkDone>>
  /** With its child rows. */
  delete(request: Existing, call: WriteCall): Promise<Outcome<Done>>
  /** Asks which statuses the record may move to, then moves it. */
  changeStatus(request: StatusRequest, call: WriteCall): Promise<RecordOutcome>
  /** Calls a method of the record (`wsmethod:createFollowUp`). */
  act(request: ActionRequest, call: WriteCall): Promise<Outcome<ActionDone>>
  startWorkflow(request: WorkflowRequest, call: WriteCall): Promise<Outcome<Done>>
  /** Answers a workflow assignment. @returns `next` when the workflow asks for more before it goes on */
  answerAssignment(request: AssignmentRequest, call: WriteCall): Promise<Outcome<AssignmentDone>>
  /** Answers what `answerAssignment` left open; leaving it unanswered leaves the workflow where it was. */
  answerInput(request: InputRequest, call: WriteCall): Promise<Outcome<Done>>
  attach(request: AttachRequest, call: WriteCall): Promise<Outcome<AttachDone>>
  detach(request: DetachRequest, call: WriteCall): Promise<Outcome<Done>>
}

export interface WriteCall extends MaximoCall {
  /**
   * The caller's name for this very change: letters, digits, `-`, `_`, at most 64. Sent as `transactionid`, by which
   * Maximo refuses a repetition for five minutes (`repeated`). An `unknown` outcome is settled by looking at the record,
   * never by sending again.
   */
  readonly key?: string
  /** Answers to questions that an earlier attempt was asked, by question id. */
  readonly answers?: Readonly<Record<string, Choice>>
}

/** What may stand in an attribute; null clears it. Dates are `YYYY-MM-DD`, points in time have an offset. */
export type WriteValue = string | number | boolean | null
export type WriteValues = Readonly<Record<string, WriteValue>>

/**
 * A row of a child object. `add` makes a new one. `update` and `delete` name the row by the `href` or `localref` it was
 * read with; rows that nobody names stay as they are. With the row stamp that a row was read with, another one than that
 * is a conflict.
 */
export type ChildChange =
  | { readonly action: 'add'; readonly values: WriteValues }
  | ({ readonly action: 'update'; readonly values: WriteValues } & ExistingRow)
  | ({ readonly action: 'delete' } & ExistingRow)

interface ExistingRow {
  readonly row: string
  readonly rowstamp?: string
}

export interface CreateRequest {
  readonly objectStructure: string
  readonly values: WriteValues
  /** By name of the child object. */
  readonly children?: Readonly<Record<string, readonly ChildChange[]>>
}

/** A record as it was read: another row stamp than this is a conflict. */
export interface Existing extends RecordRef {
  readonly rowstamp: string
}

export interface UpdateRequest extends Existing, Omit<CreateRequest, 'objectStructure'> {}

export interface StatusRequest extends Existing {
  /** A value of the status domain, as `allowedStates` names it. */
  readonly status: string
  readonly memo?: string
  /** When it came about, with an offset; default: now. */
  readonly date?: string
}

export interface ActionRequest extends RecordRef {
  /** As it was read; another one is a conflict. Absent: as it is now. */
  readonly rowstamp?: string
  /** Without `wsmethod:`. */
  readonly method: string
  /** The method's own names. */
  readonly parameters: WriteValues
}

export interface WorkflowRequest extends RecordRef {
  readonly process: string
}

export interface AssignmentRequest {
  /** Resource id of the MXAPIWFASSIGNMENT record. */
  readonly id: string
  /** As it was read; another one is a conflict. Absent: as it is now. */
  readonly rowstamp?: string
  readonly accepted: boolean
  readonly memo?: string
}

export interface InputRequest {
  readonly input: WorkflowInput
  /** One of its choices; null tells that the interaction is complete. */
  readonly actionId: number | null
  readonly memo?: string
}

/** No deletion: whether Maximo minds the row stamp of one in bulk is not known, so each record is deleted by itself. */
export type BulkItem =
  | { readonly action: 'create'; readonly values: WriteValues }
  | {
      readonly action: 'update'
      readonly id: string
      readonly rowstamp: string
      readonly values: WriteValues
    }

export interface BulkRequest {
  readonly objectStructure: string
  /** Records are named by resource id. */
  readonly items: readonly BulkItem[]
  /** True: one failure takes everything back. */
  readonly together: boolean
}

export interface AttachRequest extends RecordRef {
  readonly file: AttachedFile | AttachedLink
  readonly description?: string
  /** Folder, `Attachments` unless said otherwise. */
  readonly docType?: string
}

export interface AttachedFile {
  readonly name: string
  readonly mediaType: string
  /** Read once. */
  readonly bytes: Readable
  readonly sizeBytes: number
}

export interface AttachedLink {
  /** http or https. */
  readonly url: string
}

export interface DetachRequest extends RecordRef {
  readonly attachmentId: string
}

/** What became of a write. */
export type Outcome<D extends Done> =
  | D
  /** Refused because of what fields hold, by us before anything was sent or by Maximo. Nothing was changed. */
  | { readonly kind: 'invalid'; readonly problems: readonly FieldProblem[]; readonly code: string | null }
  /** The record is no longer the one that was read. Nothing was changed. */
  | { readonly kind: 'conflict'; readonly code: string | null }
  /** Maximo carried out a write under this key already (BMXAA9524E). This one changed nothing. */
  | { readonly kind: 'repeated' }
  /** Maximo asks before it does it. Nothing was changed; repeat the write with `answers`. */
  | { readonly kind: 'question'; readonly question: WriteQuestion }
  /** The Maximo user has no right to this. */
  | { readonly kind: 'denied'; readonly right: MissingRight; readonly code: string | null }
  /** There is no such record, or none this user may see. */
  | { readonly kind: 'missing'; readonly what: 'record' | 'attachment' | 'input' }
  /** A rule of Maximo says no; nothing was changed. `untrusted` are its own words. */
  | {
      readonly kind: 'refused'
      readonly code: string | null
      readonly innerCode: string | null
      readonly untrusted: string | null
    }
  /** The change may have been carried out, or not: look before anything else is done. `detail` as in `MaximoFault`. */
  | { readonly kind: 'unknown'; readonly detail: string }

export interface Done {
  readonly kind: 'done'
}

export interface RecordDone extends Done {
  /** Resource id; null when Maximo's address for it is not inside this environment. */
  readonly id: string | null
  /** The written fields as Maximo has them now, with the new row stamp; null: done, but it could not be read back. */
  readonly record: MaximoRecord | null
  readonly warnings: readonly WriteWarning[]
}

export type RecordOutcome = Outcome<RecordDone>

export interface BulkDone extends Done {
  /** In the order of the request. */
  readonly items: readonly RecordOutcome[]
}

export interface ActionDone extends Done {
  /** What the method answered, as it came: untrusted. Null: nothing. */
  readonly answer: unknown
  /** A record that it made. */
  readonly created: { readonly objectStructure: string; readonly id: string } | null
}

export interface AssignmentDone extends Done {
  readonly next: WorkflowInput | null
}

export interface AttachDone extends Done {
  /** Null: attached, but Maximo did not say under which number. */
  readonly attachmentId: string | null
}

/** Where a workflow waits for its person. Texts are untrusted. */
export interface WorkflowInput {
  readonly kind: 'input' | 'interaction'
  /** Maximo's passing name for it. */
  readonly node: string
  readonly choices: readonly {
    readonly actionId: number
    readonly instruction: string | null
    readonly isPositive: boolean
  }[]
}

/** Answers to a yes/no question, as Maximo numbers them: 2, 4, 8, 16. */
export type Choice = 'ok' | 'cancel' | 'yes' | 'no'

export interface WriteQuestion {
  /** The key in `WriteCall.answers`. */
  readonly id: string
  readonly choices: readonly Choice[]
  readonly code: string | null
  readonly untrusted: string | null
}

export interface MissingRight {
  /** Upper case. */
  readonly objectStructure: string
  readonly action: string
}

export type FieldReason =
  | 'unknown_field'
  | 'unknown_child'
  | 'bad_value'
  | 'unknown_value'
  | 'too_long'
  | 'required'
  | 'read_only'
  | 'not_allowed'
  | 'bad_request'
  /** Maximo's own objection; `code` of the outcome, or of the problem, says which. */
  | 'refused'

export interface FieldProblem {
  readonly reason: FieldReason
  /** `description`, `wplabor[0].craft`, `items[3].status`, `status`. */
  readonly path: string
  /** A whole sentence of ours. */
  readonly message: string
  /** Did you mean: best first. */
  readonly suggestions: readonly string[]
  /** Maximo's reason code, where it was Maximo that objected. */
  readonly code: string | null
}

/** The write was done, but not all of it came out as asked: Maximo keeps silent about read-only fields, and recomputes. */
export interface WriteWarning {
  readonly reason: 'not_taken'
  readonly field: string
  readonly message: string
}

export const MAX_BULK = 200
