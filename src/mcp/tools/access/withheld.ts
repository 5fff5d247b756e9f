import type { Refusal } from '../../admission/refusal.ts'
import type { Withheld } from './policy.ts'

/** Why a tool is not there, in a sentence, and what would change that. */
export function withheldSentence(withheld: Withheld): string {
  switch (withheld.by) {
    case 'address':
      return ADDRESS[withheld.why]
    case 'token':
      return tokenSentence(withheld.refusal)
    case 'maximo':
      return `The Maximo user of this connection may not read ${withheld.object}, or this Maximo does not have it: a Maximo administrator grants it.`
  }
}

const ADDRESS = {
  readonly: 'This connection is read-only ("readonly" in its address or headers).',
  excluded: 'The address or headers of this connection exclude it.',
  not_selected: 'The address or headers of this connection select other tools.',
} as const

function tokenSentence(refusal: Refusal): string {
  switch (refusal.reason) {
    case 'scope_missing':
      return `It needs the scope ${refusal.required.join(' ')}: the owner connects again and allows it.`
    case 'feature_missing':
      return `It needs the feature "${refusal.feature}", which the plan of this user does not have.`
    case 'object_refused':
      return `The rules of this token (${refusal.rule}) leave out the object it needs.`
    case 'origin_refused':
    case 'host_refused':
    case 'credentials_missing':
    case 'credentials_misplaced':
    case 'token_invalid':
    case 'address_refused':
    case 'limited':
    case 'unavailable':
      return 'The token of this connection does not allow it.'
  }
}
