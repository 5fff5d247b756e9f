/** The pages that the guard answers by itself. Whole HTML documents; no script; every value must be escaped. */
export interface SessionPages {
  /** `503`: Clerk cannot be asked at the moment. */
  unavailable(): string
  /** `403`: signed out, and going to the sign-in page by itself could loop or would lose a form. */
  signInNeeded(page: { readonly link: string; readonly why: 'none' | 'pending' | 'refused' }): string
  /** `200`: the session is live again; one button sends the kept form (POST to `action`, hidden fields). */
  sendAgain(form: {
    readonly action: string
    readonly fields: readonly (readonly [string, string])[]
  }): string
  /** `410`: the kept form is gone (used, expired, or of another session). */
  formGone(): string
  /** `403`: a form that did not come from a page of ours. */
  foreignForm(): string
}
