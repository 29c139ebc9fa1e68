import { BarChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { useEffect, useRef } from "react";

// Only what is drawn here is loaded.
use([BarChart, GridComponent, TooltipComponent, LegendComponent, AriaComponent, CanvasRenderer]);

interface BarsChartProps {
  readonly title: string;
  readonly names: readonly string[];
  readonly series: readonly { readonly label: string; readonly colour: string; readonly values: readonly number[] }[];
}

/** Stacked bars, one per name. The table beside it says the same in numbers, for whoever cannot see them. */
export function BarsChart({ title, names, series }: BarsChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const height = Math.max(200, 90 + names.length * 34);
  useEffect(() => {
    if (place.current === null) return;
    const chart = init(place.current, null, { height });
    chart.setOption({
      aria: { enabled: true, label: { description: title } },
      animation: false,
      color: series.map((one) => one.colour),
      textStyle: { fontFamily: "inherit", color: "#102a2e" },
      grid: { left: 8, right: 24, top: 40, bottom: 8, containLabel: true },
      legend: { top: 0, left: 0, type: "scroll", data: series.map((one) => one.label) },
      // Drawn, not written as HTML: our content security policy forbids styles within it.
      tooltip: { trigger: "axis", axisPointer: { type: "shadow" }, renderMode: "richText" },
      xAxis: { type: "value", minInterval: 1 },
      yAxis: {
        type: "category",
        inverse: true,
        data: [...names],
        axisTick: { show: false },
        axisLabel: { width: 150, overflow: "truncate", fontSize: 13 },
      },
      series: series.map((one) => ({ name: one.label, type: "bar", stack: "all", barMaxWidth: 22, data: [...one.values] })),
    });
    const fit = () => chart.resize();
    window.addEventListener("resize", fit);
    return () => {
      window.removeEventListener("resize", fit);
      chart.dispose();
    };
  }, [title, names, series, height]);
  return (
    <figure className="chart">
      <figcaption>{title}</figcaption>
      <div ref={place} />
    </figure>
  );
}
