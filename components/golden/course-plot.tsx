'use client'

import { useRef, useState } from 'react'
import {
  Area,
  CartesianGrid,
  ComposedChart,
  Line,
  type MouseHandlerDataParam,
  ReferenceArea,
  ReferenceDot,
  ReferenceLine,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts'
import type { MarkerRow } from '#lib/api/markers.ts'
import { blankAt, type CourseBlank } from './course-blanks.ts'
import { type CourseChart, type CourseLine, chartWords, tickLabel } from './course-charts.ts'
import styles from './course-plot.module.css'
import { brokenAt, type CoursePoint, extentOf, isAlone } from './course-points.ts'
import { type CourseScale, spreadLabels, timeTicks } from './course-scale.ts'
import { tickText, zoneAheadMs } from './course-time.ts'
import { CourseTooltip } from './course-tooltip.tsx'

/** A stretch of time, in Unix milliseconds. */
export interface TimeStretch {
  readonly startMs: number
  readonly endMs: number
}

export interface CoursePlotProps {
  readonly chart: CourseChart
  readonly points: readonly CoursePoint[]
  readonly span: TimeStretch
  readonly stepMs: number
  /** Where there are no numbers. */
  readonly blanks: readonly CourseBlank[]
  /** Oldest first; their numbers are those of the list beside the charts. */
  readonly markers: readonly MarkerRow[]
  /** Charts of the same group show the same instant. */
  readonly group: string
  readonly onSelect: (stretch: TimeStretch) => void
}

const plotHeightPx = 168
const axisHeightPx = 20
const endRoomPx = { named: 46, bare: 12 }
const topRoomPx = 14
const mostMarkerNumbers = 12

/** One chart of a course. Dragging over it selects a stretch of time; arrow keys walk along it. */
export function CoursePlot(props: CoursePlotProps) {
  const { chart, span, stepMs, blanks, markers, group, onSelect } = props
  const points = brokenAt(props.points, blanks, stepMs)
  const before = useRef<CourseScale | null>(null)
  const scale = chart.scale(points, before.current)
  before.current = scale
  const [drag, setDrag] = useState<{ readonly fromMs: number; readonly toMs: number } | null>(null)
  const rangeMs = span.endMs - span.startMs

  const finish = () => {
    setDrag(null)
    if (drag === null || drag.fromMs === drag.toMs) return
    const startMs = Math.min(drag.fromMs, drag.toMs) - stepMs / 2
    const endMs = Math.max(drag.fromMs, drag.toMs) + stepMs / 2
    onSelect({ startMs, endMs })
  }
  const named = chart.shape === 'lines' && chart.lines.length > 1
  return (
    <ComposedChart
      className={`${styles.plot}`}
      data={points as CoursePoint[]}
      syncId={group}
      responsive
      style={{ width: '100%', height: plotHeightPx }}
      margin={{ top: topRoomPx, right: named ? endRoomPx.named : endRoomPx.bare, bottom: 0, left: 0 }}
      role="img"
      aria-label={chartWords(chart, points)}
      onMouseDown={state => {
        const atMs = instantOf(state)
        if (atMs !== null) setDrag({ fromMs: atMs, toMs: atMs })
      }}
      onMouseMove={state => {
        const atMs = instantOf(state)
        if (drag !== null && atMs !== null) setDrag({ ...drag, toMs: atMs })
      }}
      onMouseUp={finish}
      onMouseLeave={() => setDrag(null)}
    >
      <defs>
        <pattern
          id={`${group}-failure`}
          width="5"
          height="5"
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(45)"
        >
          <rect className={styles.failureGround} width="5" height="5" />
          <rect className={styles.failureStripe} width="2" height="5" />
        </pattern>
        <pattern
          id={`${group}-blank`}
          width="6"
          height="6"
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(45)"
        >
          <rect className={styles.blankStripe} width="1" height="6" />
        </pattern>
      </defs>
      <CartesianGrid stroke="var(--line)" vertical={false} />
      {blanks.map(({ startMs, endMs }) => (
        <ReferenceArea
          key={startMs}
          className={`${styles.blank}`}
          x1={startMs}
          x2={endMs}
          fill={`url(#${group}-blank)`}
          fillOpacity={1}
        />
      ))}
      <XAxis
        dataKey="atMs"
        type="number"
        domain={[span.startMs, span.endMs]}
        allowDataOverflow
        height={axisHeightPx}
        ticks={timeTicks(span.startMs, span.endMs, zoneAheadMs(span.endMs), 5)}
        tickFormatter={atMs => tickText(atMs, rangeMs)}
        interval="preserveStartEnd"
        tickLine={false}
        axisLine={false}
      />
      <YAxis
        type="number"
        domain={[scale.bottom, scale.top]}
        allowDataOverflow
        ticks={scale.ticks as number[]}
        interval={0}
        width={64}
        tickFormatter={value => tickLabel(chart, value)}
        tickLine={false}
        axisLine={false}
      />
      <Tooltip
        isAnimationActive={false}
        cursor={{ className: `${styles.cursor}` }}
        content={({ active, label }) =>
          active && drag === null ? (
            <CourseTooltip
              chart={chart}
              point={points.find(({ atMs }) => atMs === label)}
              stepMs={stepMs}
              rangeMs={rangeMs}
              blank={blankAt(blanks, Number(label))}
            />
          ) : null
        }
      />
      {chart.lines.map(line =>
        chart.shape === 'stack' ? (
          <Area
            key={line.key}
            className={`${styles.area} ${styles[line.tone]}`}
            dataKey={line.key}
            stackId="all"
            type="linear"
            isAnimationActive={false}
            activeDot={false}
            dot={lonelyDot(points, line)}
            {...(line.tone === 'failure' ? { fill: `url(#${group}-failure)` } : {})}
          />
        ) : (
          <Line
            key={line.key}
            className={`${styles.line} ${styles[line.tone]}`}
            dataKey={line.key}
            type="linear"
            isAnimationActive={false}
            activeDot={{ r: 3, className: `${styles.active}` }}
            dot={lonelyDot(points, line)}
          />
        ),
      )}
      {named && endNames(chart, points, scale)}
      {markers.map((marker, index) => (
        <ReferenceLine
          key={marker.id}
          className={`${styles.marker}`}
          x={Date.parse(marker.at)}
          label={({ viewBox }) =>
            'x' in viewBox ? (
              <MarkerFlag
                marker={marker}
                number={markers.length <= mostMarkerNumbers ? index + 1 : null}
                leftPx={viewBox.x}
              />
            ) : null
          }
        />
      ))}
      {drag !== null && drag.fromMs !== drag.toMs && (
        <ReferenceArea className={`${styles.selection}`} x1={drag.fromMs} x2={drag.toMs} />
      )}
    </ComposedChart>
  )
}

function instantOf({ activeLabel }: MouseHandlerDataParam): number | null {
  const atMs = Number(activeLabel)
  return activeLabel === undefined || Number.isNaN(atMs) ? null : atMs
}

/** Draws a dot where a value stands between two gaps, and nothing elsewhere. */
function lonelyDot(points: readonly CoursePoint[], { key, tone }: CourseLine) {
  return ({ index, cx, cy }: { index: number; cx?: unknown; cy?: unknown }) =>
    isAlone(points, key, index) && typeof cx === 'number' && typeof cy === 'number' ? (
      <circle key={index} className={`${styles.lonely} ${styles[tone]}`} cx={cx} cy={cy} r={2} />
    ) : (
      <g key={index} />
    )
}

/** The names of lines at their ends, none on another. */
function endNames(chart: CourseChart, points: readonly CoursePoint[], scale: CourseScale) {
  const last = points.at(-1)
  if (last === undefined) return null
  const heightPx = plotHeightPx - axisHeightPx - topRoomPx
  const ends = chart.lines.flatMap(line => {
    const extent = extentOf(points, line.key)
    return extent === null ? [] : [{ line, value: extent.last }]
  })
  const wanted = ends.map(({ value }) => heightPx * (1 - (value - scale.bottom) / (scale.top - scale.bottom)))
  const placed = spreadLabels(wanted, 12, heightPx)
  return ends.map(({ line, value }, index) => (
    <ReferenceDot
      key={line.key}
      x={last.atMs}
      y={value}
      r={0}
      ifOverflow="visible"
      label={({ viewBox }) =>
        'x' in viewBox ? (
          <text
            className={`${styles.name} ${styles[line.tone]}`}
            x={viewBox.x + 8}
            y={topRoomPx + (placed[index] ?? 0)}
            dominantBaseline="central"
          >
            {line.name}
          </text>
        ) : null
      }
    />
  ))
}

interface MarkerFlagProps {
  readonly marker: MarkerRow
  /** `null`: there are too many to tell them by number. */
  readonly number: number | null
  readonly leftPx: number
}

function MarkerFlag({ marker, number, leftPx }: MarkerFlagProps) {
  return (
    <g className={styles.flag}>
      <title>{[marker.title, marker.detail].filter(text => text !== '').join(': ')}</title>
      <rect x={leftPx - 7} y={0} width={14} height={13} rx={3} />
      <text x={leftPx} y={7} textAnchor="middle" dominantBaseline="central">
        {number ?? '·'}
      </text>
    </g>
  )
}
