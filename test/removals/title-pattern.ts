/** A pattern for `vitest -t`: the title as it stands in the source, its placeholders (`%s`, `%j`, `$name`) being anything. */
export const titlePattern = (title: string): string =>
  title.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`).replaceAll(/%[sdijfo]|\\\$\w+/g, '.*')
