import type { ComponentChildren, JSX } from 'preact'

interface ChoiceProps {
  readonly type: 'radio' | 'checkbox'
  readonly name: string
  readonly value: string
  readonly checked: boolean
  readonly children: ComponentChildren
}

/** A radio button or a check box with its words, as one target. */
export const Choice = ({ children, ...input }: ChoiceProps): JSX.Element => (
  <label class="choice">
    <input {...input} />
    <span>{children}</span>
  </label>
)

interface SelectProps {
  readonly name: string
  readonly label?: string
  readonly options: readonly (readonly [value: string, words: string])[]
  readonly chosen: string
}

/** A list to choose from; `label` where no visible label names it. */
export const Select = ({ name, label, options, chosen }: SelectProps): JSX.Element => (
  <select name={name} {...(label === undefined ? { id: name } : { 'aria-label': label })}>
    {options.map(([value, words]) => (
      <option value={value} selected={value === chosen} key={value}>
        {words}
      </option>
    ))}
  </select>
)
