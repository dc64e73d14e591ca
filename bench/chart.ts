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
  .value { font-size: 11px; font-weight: 600; fill: #1f2328 }
  .grid { stroke: #d8dee4; stroke-width: 1 }
  .line { stroke: #cf222e; stroke-width: 1.5; stroke-dasharray: 5 4 }
  .whisker { stroke: #1f2328; stroke-width: 1.2; opacity: .55 }
  .s0 { fill: #8fc7ff } .s1 { fill: #3d8bfd } .s2 { fill: #1550a8 } .s3 { fill: #0b2f66 }
  @media (prefers-color-scheme: dark) {
    text { fill: #9aa4af } .page { fill: #0d1117 }
    .head, .title, .value { fill: #e6edf3 }
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
    parts.push(text(MARGIN.left - 8, y + 4, '', panel.format(tick), 'end'))
  }
  panel.bars.forEach((group, i) => {
    parts.push(groupBody(panel, group, i, scale))
  })
  // Above the bars, so that one sees which of them pass it.
  if (panel.line !== undefined) parts.push(referenceLine(panel.line, scale))
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

function groupBody(panel: Panel, group: (Bar | undefined)[], index: number, scale: Scale): string {
  const groupWidth = (WIDTH - MARGIN.left - MARGIN.right) / panel.groups.length
  const barWidth = Math.min(MOST_BAR_WIDTH, (groupWidth * (1 - GAP)) / Math.max(1, panel.series.length))
  const centre = MARGIN.left + groupWidth * (index + 0.5)
  const left = centre - (barWidth * group.length) / 2
  const parts = group.map((bar, i) =>
    bar === undefined ? '' : barBody(panel, bar, i, left + i * barWidth, barWidth, scale),
  )
  parts.push(text(centre, PANEL.height - PANEL.bottom + 18, '', panel.groups[index] ?? '', 'middle'))
  return parts.filter((part) => part !== '').join('\n')
}

function barBody(panel: Panel, bar: Bar, series: number, x: number, width: number, scale: Scale): string {
  const top = scale.y(bar.value)
  const inner = rounded(width - 3)
  const middle = rounded(x + width / 2)
  const about = `${panel.series[series] ?? ''}: ${panel.format(bar.value)}`
  const parts = [
    `<rect class="s${series % COLOURS}" x="${rounded(x + 1.5)}" y="${top}" width="${inner}" height="${rounded(scale.y(0) - top)}" rx="2"><title>${escapeXml(about)}</title></rect>`,
  ]
  let above = top
  if (bar.low !== undefined && bar.high !== undefined) {
    above = scale.y(bar.high)
    const low = scale.y(bar.low)
    parts.push(
      `<path class="whisker" fill="none" d="M${middle - 4} ${above}h8M${middle} ${above}V${low}M${middle - 4} ${low}h8"/>`,
    )
  }
  parts.push(text(middle, above - 5, 'value', panel.format(bar.value), 'middle'))
  return parts.join('\n')
}

function referenceLine(line: { value: number; label: string }, scale: Scale): string {
  const y = scale.y(line.value)
  return `<line class="line" x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${y}" y2="${y}"><title>${escapeXml(line.label)}</title></line>`
}

/** The series' colours, and what the dashed line is, flush right beside the title. */
function legend(panel: Panel): string {
  const parts: string[] = []
  let x = WIDTH - MARGIN.right
  const entry = (label: string, mark: (x: number) => string) => {
    parts.push(text(x, PANEL.titleY, '', label, 'end'))
    // SVG cannot tell how wide a text will be; 6.6 a letter is a little too much for any usual font.
    x = rounded(x - label.length * 6.6 - 20)
    parts.push(mark(x))
    x -= 14
  }
  if (panel.line !== undefined) {
    entry(panel.line.label, (at) => `<path class="line" d="M${at - 6} ${PANEL.titleY - 4}h21"/>`)
  }
  for (let i = panel.series.length - 1; i >= 0; i--) {
    entry(panel.series[i] ?? '', (at) => {
      return `<rect class="s${i % COLOURS}" x="${at}" y="${PANEL.titleY - 10}" width="12" height="12" rx="2"/>`
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
