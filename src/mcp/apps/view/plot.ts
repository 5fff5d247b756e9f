import { shape, type Child } from './element.ts'
import { ticksOf, type Chart } from './series.ts'
import { numberText } from './theme.ts'

/** More lines than this cannot be told apart; the table has them all. */
export const MOST_SERIES = 6
/** More bars than this are no picture; the table has them all. */
export const MOST_BARS = 24

const HEIGHT = 280
const MARGIN = { top: 12, right: 34, bottom: 34, left: 52 }
const BAR = 30

interface Plot {
  readonly chart: Chart
  /** In CSS pixels. */
  readonly width: number
  /** What a reader hears instead. */
  readonly label: string
}

/** Numbers over time: a line for each series, told apart by colour, dashes and marks. */
export function linePlot({ chart, width, label }: Plot): SVGSVGElement {
  const ticks = ticksOf(chart, 5)
  const [low, high] = [ticks[0] ?? 0, ticks.at(-1) ?? 1]
  const inner = { width: width - MARGIN.left - MARGIN.right, height: HEIGHT - MARGIN.top - MARGIN.bottom }
  const x = (index: number): number =>
    MARGIN.left +
    (chart.labels.length === 1 ? inner.width / 2 : (inner.width * index) / (chart.labels.length - 1))
  const y = (value: number): number => MARGIN.top + inner.height * (1 - (value - low) / (high - low))
  const lines = ticks.map((tick) =>
    shape(
      'g',
      {},
      shape('line', {
        class: tick === 0 ? 'axis' : 'grid',
        x1: MARGIN.left,
        x2: width - MARGIN.right,
        y1: y(tick),
        y2: y(tick),
      }),
      shape(
        'text',
        { class: 'tick', x: MARGIN.left - 8, y: y(tick) + 4, 'text-anchor': 'end' },
        numberText(tick),
      ),
    ),
  )
  const curves = chart.series
    .slice(0, MOST_SERIES)
    .map(({ name, values }, index) =>
      shape(
        'g',
        { class: `series s${index}` },
        shape('path', { class: 'line', d: pathOf(values, x, y) }),
        ...values.map((value, place) =>
          value === null
            ? null
            : dot(
                [x(place), y(value)],
                `${name === '' ? '' : `${name}, `}${chart.labels[place] ?? ''}: ${numberText(value)}`,
              ),
        ),
      ),
    )
  return svg(width, HEIGHT, label, [...lines, ...axisLabels(chart.labels, x, width), ...curves])
}

/** A gap where there is no number. */
function pathOf(
  values: readonly (number | null)[],
  x: (index: number) => number,
  y: (value: number) => number,
): string {
  return values
    .map((value, index) => {
      if (value === null) return ''
      const isStart = index === 0 || values[index - 1] === null
      return `${isStart ? 'M' : 'L'}${x(index).toFixed(1)} ${y(value).toFixed(1)}`
    })
    .join(' ')
    .trim()
}

const dot = ([cx, cy]: readonly [number, number], text: string): SVGElement =>
  shape('circle', { class: 'dot', cx: cx.toFixed(1), cy: cy.toFixed(1), r: 3.5 }, shape('title', {}, text))

/** As many labels as stand beside each other; the last one always. */
function axisLabels(
  labels: readonly string[],
  x: (index: number) => number,
  width: number,
): readonly SVGElement[] {
  const each = Math.max(
    1,
    Math.ceil(labels.length / Math.max(2, Math.floor((width - MARGIN.left) / LABEL_WIDTH))),
  )
  const last = labels.length - 1
  return labels.flatMap((label, index) =>
    (last - index) % each === 0
      ? [shape('text', { class: 'tick', x: x(index), y: HEIGHT - 10, 'text-anchor': 'middle' }, label)]
      : [],
  )
}
const LABEL_WIDTH = 84

/** One number for each name: bars lie, so that long names can be read. */
export function barPlot({ chart, width, label }: Plot): SVGSVGElement {
  const values = chart.series[0]?.values ?? []
  const bars = chart.labels.map((name, index) => ({ name, value: values[index] ?? null })).slice(0, MOST_BARS)
  const ticks = ticksOf(chart, 4)
  const [low, high] = [ticks[0] ?? 0, ticks.at(-1) ?? 1]
  const left = Math.min(width * 0.4, 24 + 7.2 * Math.max(...bars.map(({ name }) => name.length), 4))
  const right = 64
  const x = (value: number): number => left + ((width - left - right) * (value - low)) / (high - low)
  const rows = bars.flatMap(({ name, value }, index): Child[] => {
    const top = index * BAR + 4
    const word = shape(
      'text',
      { class: 'name', x: left - 8, y: top + 15, 'text-anchor': 'end' },
      short(name, left),
      shape('title', {}, name),
    )
    if (value === null) return [word]
    const from = Math.min(x(0), x(value))
    return [
      word,
      shape(
        'rect',
        {
          class: 'bar',
          x: from,
          y: top,
          width: Math.max(1, Math.abs(x(value) - x(0))),
          height: BAR - 10,
          rx: 3,
        },
        shape('title', {}, `${name}: ${numberText(value)}`),
      ),
      shape('text', { class: 'value', x: Math.max(x(0), x(value)) + 6, y: top + 15 }, numberText(value)),
    ]
  })
  return svg(width, bars.length * BAR + 8, label, [
    shape('line', { class: 'axis', x1: x(0), x2: x(0), y1: 0, y2: bars.length * BAR + 2 }),
    ...rows,
  ])
}

const short = (name: string, width: number): string => {
  const most = Math.max(6, Math.floor((width - 14) / 7.2))
  return name.length <= most ? name : `${name.slice(0, most - 1)}…`
}

const svg = (width: number, height: number, label: string, content: readonly Child[]): SVGSVGElement =>
  shape(
    'svg',
    { class: 'plot', role: 'img', 'aria-label': label, width, height, viewBox: `0 0 ${width} ${height}` },
    ...content,
  )
