/**
 * Characters that hide, reorder or forge text: C0 and C1 controls (but tab and line feed), zero-width and joining
 * marks, bidirectional controls, line separators, interlinear annotations, variation selectors beyond the first 16,
 * the tag block, and surrogates without a partner.
 */
export const HIDDEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\u{e0000}-\u{e0fff}]|\p{Surrogate}/u

const HIDDEN_ALL = new RegExp(HIDDEN.source, 'gu')

/** The same text with every hidden character written as `⟦U+202E⟧`, so that a reader and a model see that it is there. */
export function visible(text: string): string {
  return HIDDEN.test(text) ? text.replace(HIDDEN_ALL, marked) : text
}

const marked = (hidden: string): string =>
  `⟦U+${(hidden.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟧`
