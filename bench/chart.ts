// An SVG of grouped bars, panel under panel, in light or dark as the reader's page is. Knows no benchmark: only numbers,
// names and how to print them.

export interface Bar {
  value: number
  /** Ends of a whisker, where there is a spread to show. */
  low?: number
  high?: number
}

export interface Panel {
  title: string
  note: string
  groups: string[]
  series: string[]
  /** By group, then by series; undefined leaves a gap. */
  bars: (Bar | undefined)[][]
  format: (value: number) => string
  /** A value all bars are to be seen against. */
  line: { value: number; label: string } | undefined
}

const WIDTH = 880
const MARGIN = { left: 56, right: 24 }
const HEAD_HEIGHT = 76
const PANEL = { height: 290, titleY: 20, noteY: 39, top: 74, bottom: 34 }
/** Share of a group's width that stays empty between it and the next. */
const GAP = 0.26
const MOST_BAR_WIDTH = 46

// One hue from light to dark: series are steps of one thing (depth, or with and without TTL).
const STYLE = `
  text { font: 12px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #57606a }
  .page { fill: #ffffff }
  .head { font-size: 19px; font-weight: 600; fill: #1f2328 }
  .title { font-size: 14px; font-weight: 600; fill: #1f2328 }
  .value { font-size: 11px; font-weight: 600; fill: #1f2328; stroke: #ffffff; stroke-width: 3px; paint-order: stroke }
  .grid { stroke: #d8dee4; stroke-width: 1 }
  .line { stroke: #cf222e; stroke-width: 1.5; stroke-dasharray: 5 4 }
  .whisker { stroke: #1f2328; stroke-width: 1.2; opacity: .55 }
  .s0 { fill: #8fc7ff } .s1 { fill: #3d8bfd } .s2 { fill: #1550a8 } .s3 { fill: #0b2f66 }
  @media (prefers-color-scheme: dark) {
    text { fill: #9aa4af } .page { fill: #0d1117 }
    .head, .title, .value { fill: #e6edf3 } .value { stroke: #0d1117 }
    .grid { stroke: #2b323b } .line { stroke: #ff7b72 } .whisker { stroke: #e6edf3 }
    .s0 { fill: #a5d0ff } .s1 { fill: #4a95ff } .s2 { fill: #2a62c4 } .s3 { fill: #1d4489 }
  }`
const COLOURS = 4

/** The whole picture as SVG text. */
export function chart(title: string, subtitle: string, panels: readonly Panel[]): string {
  const height = HEAD_HEIGHT + panels.length * PANEL.height
  const body = panels.map((panel, i) => {
    return `<g transform="translate(0 ${HEAD_HEIGHT + i * PANEL.height})">\n${panelBody(panel)}\n</g>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
<title>${escapeXml(title)}</title>
<style>${STYLE}
</style>
<rect class="page" width="${WIDTH}" height="${height}" rx="8"/>
${text(24, 36, 'head', title)}
${text(24, 57, '', subtitle)}
${body.join('\n')}
</svg>
`
}

function panelBody(panel: Panel): string {
  const scale = scaleOf(panel)
  const parts = [
    text(24, PANEL.titleY, 'title', panel.title),
    text(24, PANEL.noteY, '', panel.note),
    legend(panel),
  ]
  for (const tick of scale.ticks) {
    const y = scale.y(tick)
    parts.push(`<line class="grid" x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${y}" y2="${y}"/>`)
    parts.push(text(MARGIN.left - 8, y + 4, '', tickLabel(panel.format(tick)), 'end'))
  }
  const groups = panel.bars.map((group, i) => groupBody(panel, group, i, scale))
  parts.push(...groups.map((group) => group.bars))
  // Above the bars, so that one sees which of them pass it, and below the numbers, so that they can be read.
  if (panel.line !== undefined) parts.push(referenceLine(panel.line, scale))
  parts.push(...groups.map((group) => group.labels))
  return parts.join('\n')
}

interface Scale {
  y: (value: number) => number
  ticks: number[]
}

function scaleOf(panel: Panel): Scale {
  const values = panel.bars.flat().flatMap((bar) => (bar === undefined ? [] : [bar.value, bar.high ?? 0]))
  const ticks = niceTicks(Math.max(panel.line?.value ?? 0, ...values))
  const most = ticks[ticks.length - 1] as number
  const bottom = PANEL.height - PANEL.bottom
  return { ticks, y: (value) => rounded(bottom - (value / most) * (bottom - PANEL.top)) }
}

/** 0 and round numbers up to the first that is not below `most`: at most seven steps of 1, 2 or 5. */
export function niceTicks(most: number): number[] {
  if (!(most > 0)) return [0, 1]
  const power = 10 ** Math.floor(Math.log10(most / 7))
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => most / size <= 7) ?? 10 * power
  const count = Math.ceil(most / step - 1e-9)
  return Array.from({ length: count + 1 }, (_, i) => Number((i * step).toPrecision(12)))
}

interface GroupBody {
  bars: string
  labels: string
}

function groupBody(panel: Panel, group: (Bar | undefined)[], index: number, scale: Scale): GroupBody {
  const groupWidth = (WIDTH - MARGIN.left - MARGIN.right) / panel.groups.length
  const width = Math.min(MOST_BAR_WIDTH, (groupWidth * (1 - GAP)) / Math.max(1, panel.series.length))
  const centre = MARGIN.left + groupWidth * (index + 0.5)
  const left = centre - (width * group.length) / 2
  const bars: string[] = []
  const labels = [text(centre, PANEL.height - PANEL.bottom + 18, '', panel.groups[index] ?? '', 'middle')]
  group.forEach((bar, series) => {
    if (bar === undefined) return
    const x = left + series * width
    bars.push(
      barBody(bar, series, { x, width, scale, about: `${panel.series[series]}: ${panel.format(bar.value)}` }),
    )
    const top = scale.y(Math.max(bar.value, bar.high ?? 0))
    labels.push(text(x + width / 2, top - 5, 'value', panel.format(bar.value), 'middle'))
  })
  return { bars: bars.join('\n'), labels: labels.join('\n') }
}

function barBody(
  bar: Bar,
  series: number,
  place: { x: number; width: number; scale: Scale; about: string },
): string {
  const { x, width, scale } = place
  const top = scale.y(bar.value)
  const height = rounded(scale.y(0) - top)
  const rect = `<rect class="s${series % COLOURS}" x="${rounded(x + 1.5)}" y="${top}" width="${rounded(width - 3)}" height="${height}" rx="2">`
  const body = `${rect}<title>${escapeXml(place.about)}</title></rect>`
  if (bar.low === undefined || bar.high === undefined) return body
  const middle = rounded(x + width / 2)
  const start = rounded(middle - 4)
  const high = scale.y(bar.high)
  const low = scale.y(bar.low)
  return `${body}\n<path class="whisker" fill="none" d="M${start} ${high}h8M${middle} ${high}V${low}M${start} ${low}h8"/>`
}

/** `2.50×` as `2.5×` and `3.00×` as `3×`: an axis needs no more. */
function tickLabel(label: string): string {
  return label.replace(/(\.\d*?)0+(?!\d)/, '$1').replace(/\.(?!\d)/, '')
}

function referenceLine(line: { value: number; label: string }, scale: Scale): string {
  const y = scale.y(line.value)
  return `<line class="line" x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${y}" y2="${y}"><title>${escapeXml(line.label)}</title></line>`
}

/** The series' colours, and what the dashed line is, flush right beside the note, which is shorter than the title. */
function legend(panel: Panel): string {
  const parts: string[] = []
  let x = WIDTH - MARGIN.right
  const entry = (label: string, mark: (x: number) => string) => {
    parts.push(text(x, PANEL.noteY, '', label, 'end'))
    // SVG cannot tell how wide a text will be; 6.6 a letter is a little too much for any usual font.
    x = rounded(x - label.length * 6.6 - 23)
    parts.push(mark(x))
    x -= 14
  }
  if (panel.line !== undefined) {
    entry(panel.line.label, (at) => `<path class="line" d="M${at - 6} ${PANEL.noteY - 4}h21"/>`)
  }
  for (let i = panel.series.length - 1; i >= 0; i--) {
    entry(panel.series[i] ?? '', (at) => {
      return `<rect class="s${i % COLOURS}" x="${at}" y="${PANEL.noteY - 10}" width="12" height="12" rx="2"/>`
    })
  }
  return parts.join('\n')
}

function text(x: number, y: number, style: string, content: string, anchor = 'start'): string {
  const look = style === '' ? '' : ` class="${style}"`
  return `<text x="${rounded(x)}" y="${rounded(y)}"${look} text-anchor="${anchor}">${escapeXml(content)}</text>`
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10
}

export function escapeXml(content: string): string {
  return content
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
