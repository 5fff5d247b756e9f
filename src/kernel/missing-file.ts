/** Whether a call of the file system failed because there is nothing of that name (`ENOENT`). */
export const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT'
