/** Key of a writer's high-water mark: a decimal number, kept for good. Scripts that check it read this key. */
export const markKey = (writer: string): string => `mark:${writer}`

/** Key of the journal hash at the mark: tells a journal that was replaced from the one that was projected. */
export const tipKey = (writer: string): string => `tip:${writer}`

/** Key of the store's epoch (`recorder.ts`). */
export const EPOCH_KEY = 'epoch'
