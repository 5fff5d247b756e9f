import { plainText } from '../../../maximo/records/long-text.ts'

/** A value as a reader wants it: long descriptions without the HTML of Maximo's editor. */
export const readable = (name: string, value: unknown): unknown =>
  typeof value === 'string' && name.endsWith('longdescription') ? plainText(value) : value
