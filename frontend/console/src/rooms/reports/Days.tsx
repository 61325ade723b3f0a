import { useComputedColorScheme } from "@mantine/core";
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

export interface Line {
  label: string;
  /** A token of the theme. */
  colour: string;
  dashed?: boolean;
  values: number[];
}

/** Numbers by day, as lines. The same numbers stand in the table below, so to a reader of the page it is a picture. */
export default function Days({ days, lines, label }: { days: string[]; lines: Line[]; label: string }) {
  const box = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme("light");
  useEffect(() => {
    const place = box.current;
    if (!place) return;
    const token = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    const axis = { stroke: token("--quiet"), grid: { stroke: token("--line"), width: 1 }, ticks: { stroke: token("--line"), width: 1 } };
    const chart = new uPlot(
      {
        width: place.clientWidth,
        height: 220,
        legend: { show: false },
        cursor: { show: false },
        scales: { y: { range: (_, __, most) => [0, Math.max(4, most)] } },
        axes: [axis, { ...axis, size: 44, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000, 10000] }],
        series: [{}, ...lines.map((line) => ({ label: line.label, stroke: token(line.colour), width: 2, dash: line.dashed ? [6, 4] : undefined, points: { show: days.length < 3 } }))],
      },
      [days.map((day) => Date.parse(`${day}T00:00`) / 1000), ...lines.map((line) => line.values)],
      place,
    );
    const watch = new ResizeObserver(() => chart.setSize({ width: place.clientWidth, height: 220 }));
    watch.observe(place);
    return () => {
      watch.disconnect();
      chart.destroy();
    };
  }, [days, lines, scheme]);
  return <div ref={box} className="chart" role="img" aria-label={label} />;
}
