import type { MaximoRecord } from '../../../maximo/contract.ts'
import type { ObjectSchema } from '../../../maximo/schema/object-schema.ts'
import type { WriteValue, WriteValues } from '../../../maximo/write/contract.ts'
import { addedChildren, keptAs } from './touched.ts'
import { isOpposite, isSameValue } from './look-alikes.ts'
import type { FieldChange, Wanted } from '../plan.ts'

/** Field by field, what a record has and what it shall have. */
export const valueChanges = (
  given: WriteValues,
  checked: WriteValues,
  { record, schema }: { readonly record: MaximoRecord | null; readonly schema: ObjectSchema },
): readonly FieldChange[] =>
  Object.entries(given).map(([given_, value]) => {
    const field = given_.trim().toLowerCase()
    // Of a long text the words are shown, not the HTML that Maximo gets.
    const isLong = schema.fields.get(field)?.subType === 'LONGALN'
    return {
      field,
      before: scalar(record?.values[keptAs(field)]),
      after: isLong ? value : (checked[field] ?? null),
    }
  })

/** Rows that are added. */
export const childChanges = (wanted: Wanted): readonly FieldChange[] =>
  addedChildren(wanted).flatMap(([child, rows]) =>
    rows.flatMap((values, index) =>
      Object.entries(values).map(([field, after]) => ({
        field: `${child}[new ${index + 1}].${field}`,
        before: null,
        after,
      })),
    ),
  )

export const isNoChange = ({ before, after }: FieldChange): boolean =>
  isSameValue(after, before) && !isOpposite(after, before)

const scalar = (value: unknown): WriteValue =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null
