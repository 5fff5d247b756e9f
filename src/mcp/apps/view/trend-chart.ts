import type { Host, JsonObject } from './bridge.ts'
import { choice } from './choice.ts'
import { button, el, only, typed, type Child } from './element.ts'
import { isHeld, notesOf, show, type Drawing, type Frame } from './frame.ts'
import { barPlot, linePlot, MOST_BARS, MOST_SERIES } from './plot.ts'
import { chartOf, grainsOf, groupedOf, wordsOf, type Chart, type Grain, type Grouped } from './series.ts'
import { extentOf, readTable, type Table } from './table.ts'
import { numberText } from './theme.ts'

/** The tools whose picture this is; the host says which of them it was. */
const TOOLS: readonly string[] = ['aggregate_records', 'get_backlog', 'rank_bad_actors', 'get_failure_pareto']
const NOUNS = ['group', 'groups'] as const

interface State {
  host: Host | null
  tool: string
  args: JsonObject
  table: Table | null
  grouped: Grouped | null
  metric: string
  grain: Grain | null
  width: number
}

interface Trend {
  readonly frame: Frame
  readonly state: State
  readonly tools: HTMLElement
  readonly picture: HTMLElement
}

show({ name: 'maximo-trend-chart', title: 'Chart', start })

function start(frame: Frame): Drawing {
  const state: State = {
    host: null,
    tool: '',
    args: {},
    table: null,
    grouped: null,
    metric: '',
    grain: null,
    width: 0,
  }
  const tools = el('div', { class: 'tools', role: 'group', 'aria-label': 'Chart' })
  const trend: Trend = { frame, state, tools, picture: el('div', { class: 'picture' }) }
  new ResizeObserver(() => redraw(trend)).observe(trend.picture)
  return {
    onHost(host) {
      state.host = host
      state.tool = TOOLS.find((name) => name === host.tool) ?? ''
      if (host.capabilities.canCallTools && state.tool !== '')
        only(
          frame.actions,
          button('Refresh', '', () => void refresh(trend)),
        )
    },
    onInput(args) {
      state.args = args
    },
    onResult: ({ text, isError }) => take(trend, text, isError),
    onLooks: () => draw(trend),
  }
}

async function refresh(trend: Trend): Promise<void> {
  const { frame, state } = trend
  const { host } = state
  if (host === null || isHeld()) return
  const answer = await frame.hold('Asking Maximo.', () => host.callTool(state.tool, state.args))
  if (answer !== null) take(trend, answer.text, answer.isError)
}

function take(trend: Trend, text: string, isError: boolean): void {
  const { frame, state } = trend
  const table = isError ? null : readTable(text)
  const grouped = table === null ? null : groupedOf(table)
  if (table === null || grouped === null) {
    if (state.table === null) frame.plain(text, isError)
    else frame.refused(text)
    draw(trend)
    return
  }
  frame.refused('')
  state.table = table
  state.grouped = grouped
  if (!grouped.metrics.includes(state.metric)) chooseMetric(state, table, grouped, grouped.metrics[0] ?? '')
  frame.origin(table.environment, table.asOf)
  only(frame.content, trend.tools, trend.picture)
  drawTools(trend)
  draw(trend)
}

function chooseMetric(state: State, table: Table, grouped: Grouped, metric: string): void {
  const grains = grainsOf(grouped, metric, table)
  state.metric = metric
  state.grain = grains.includes('month') ? 'month' : null
}

function drawTools(trend: Trend): void {
  const { state, tools } = trend
  const { table, grouped } = state
  if (table === null || grouped === null) return
  const grains = grainsOf(grouped, state.metric, table)
  only(
    tools,
    oneOf('Number', grouped.metrics, state.metric, (metric) => {
      chooseMetric(state, table, grouped, metric)
      drawTools(trend)
      draw(trend)
      tools.querySelector<HTMLElement>('#number')?.focus()
    }),
    oneOf('Each', grains, state.grain ?? '', (grain) => {
      state.grain = grains.find((one) => one === grain) ?? null
      draw(trend)
    }),
  )
}

/** Where there is anything to choose. */
const oneOf = (
  label: string,
  values: readonly string[],
  chosen: string,
  change: (value: string) => void,
): HTMLElement | null => (values.length < 2 ? null : choice({ label, values, chosen, wordsOf }, change))

/** Only when the width is another. */
function redraw(trend: Trend): void {
  if (Math.floor(trend.picture.clientWidth) !== trend.state.width) draw(trend)
}

function draw({ frame, state, picture }: Trend): void {
  const { table, grouped, metric, grain } = state
  if (table === null || grouped === null) return
  state.width = Math.floor(picture.clientWidth)
  const chart = chartOf(table, grouped, { metric, grain })
  frame.say(extentOf(table, NOUNS))
  const wasOpen = picture.querySelector('details')?.open ?? false
  only(
    picture,
    table.reading === '' ? null : el('p', { class: 'soft reading' }, typed(table.reading)),
    ...plotted(chart, grouped, { metric, width: Math.max(state.width, 240) }),
    notesOf(table),
    numbers(chart, { axis: grouped.groups[0] ?? '', metric, isOpen: wasOpen }),
  )
}

interface Look {
  readonly metric: string
  readonly width: number
}

function plotted(chart: Chart, { isTime, groups }: Grouped, { metric, width }: Look): readonly Child[] {
  if (chart.labels.length === 0) return [el('p', { class: 'soft' }, 'There is nothing to draw.')]
  const isLine = isTime || chart.series.length > 1
  const label = `${wordsOf(metric)} by ${groups.join(' and ')}: ${summary(chart)} All numbers stand in the table below.`
  const plot = isLine ? linePlot({ chart, width, label }) : barPlot({ chart, width, label })
  const hidden = isLine ? chart.series.length - MOST_SERIES : chart.labels.length - MOST_BARS
  return [
    plot,
    chart.series.length > 1 ? legend(chart) : null,
    hidden > 0 ? el('p', { class: 'soft' }, `The table below has ${hidden} more.`) : null,
  ]
}

/** The largest number, since a reader of the picture would see it first. */
function summary({ labels, series }: Chart): string {
  const all = series.flatMap(({ name, values }) =>
    values.flatMap((value, index) => (value === null ? [] : [{ name, value, label: labels[index] ?? '' }])),
  )
  const [first] = all.sort((left, right) => right.value - left.value)
  if (first === undefined) return 'no numbers.'
  return `the largest is ${numberText(first.value)} at ${first.label}${first.name === '' ? '' : ` (${first.name})`}.`
}

const legend = ({ series }: Chart): HTMLElement =>
  el(
    'ul',
    { class: 'legend' },
    ...series
      .slice(0, MOST_SERIES)
      .map(({ name }, index) =>
        el('li', { class: `s${index}` }, el('span', { class: 'key', 'aria-hidden': 'true' }), typed(name)),
      ),
  )

interface Twin {
  readonly axis: string
  readonly metric: string
  readonly isOpen: boolean
}

/** The picture's twin: the same numbers as a table. */
function numbers({ labels, series }: Chart, { axis, metric, isOpen }: Twin): HTMLElement {
  const names = series.map(({ name }) => (name === '' ? wordsOf(metric) : name))
  const head = el(
    'tr',
    {},
    el('th', { scope: 'col' }, typed(axis)),
    ...names.map((name) => el('th', { scope: 'col', class: 'number' }, typed(name))),
  )
  const rows = labels.map((label, index) =>
    el(
      'tr',
      {},
      el('th', { scope: 'row' }, typed(label)),
      ...series.map(({ values }) => el('td', { class: 'number' }, cell(values[index] ?? null))),
    ),
  )
  const table = el(
    'table',
    {},
    el('caption', { class: 'unseen' }, `${wordsOf(metric)} by ${axis}`),
    el('thead', {}, head),
    el('tbody', {}, ...rows),
  )
  return el(
    'details',
    isOpen ? { open: '' } : {},
    el('summary', {}, 'Table of the same numbers'),
    el(
      'div',
      { class: 'sheet', tabindex: 0, role: 'region', 'aria-label': 'Table of the same numbers' },
      table,
    ),
  )
}

const cell = (value: number | null): string => (value === null ? '–' : numberText(value))
