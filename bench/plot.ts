/** One diagram: points joined by a line, both axes from 0. */
export interface Diagram {
  /** What the axes say. */
  x: string;
  y: string;
  points: readonly (readonly [x: number, y: number])[];
}

const WIDTH = 420;
const HEIGHT = 300;
const MARGIN = { left: 64, right: 24, top: 20, bottom: 52 };

/** About so many marks along an axis. */
const MARKS = 5;

/** Diagrams side by side, as SVG that reads on light and dark pages. */
export function plot(diagrams: readonly Diagram[]): string {
  const drawn = diagrams.map(
    (diagram, i) => `<g transform="translate(${i * WIDTH} 0)">\n${draw(diagram)}\n</g>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${diagrams.length * WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="13" fill="#888">`,
    ...drawn,
    '</svg>\n',
  ].join('\n');
}

function draw({ x, y, points }: Diagram): string {
  const [right, bottom] = [WIDTH - MARGIN.right, HEIGHT - MARGIN.bottom];
  const axisX = marksUpTo(Math.max(...points.map(([value]) => value)));
  const axisY = marksUpTo(Math.max(...points.map(([, value]) => value)));
  const across = (value: number) => MARGIN.left + (value / axisX.at(-1)!) * (right - MARGIN.left);
  const up = (value: number) => bottom - (value / axisY.at(-1)!) * (bottom - MARGIN.top);
  const at = ([valueX, valueY]: readonly [number, number]) =>
    `${across(valueX).toFixed(1)},${up(valueY).toFixed(1)}`;
  const line = (x1: number, y1: number, x2: number, y2: number) =>
    `<line x1="${x1}" y1="${y1.toFixed(1)}" x2="${x2}" y2="${y2.toFixed(1)}" stroke="#888" stroke-opacity=".4"/>`;
  return [
    ...axisY.map((value) => line(MARGIN.left, up(value), right, up(value))),
    ...axisY.map(
      (value) =>
        `<text x="${MARGIN.left - 8}" y="${(up(value) + 4).toFixed(1)}" text-anchor="end">${value}</text>`,
    ),
    ...axisX.map(
      (value) =>
        `<text x="${across(value).toFixed(1)}" y="${bottom + 20}" text-anchor="middle">${value}</text>`,
    ),
    `<text x="${(MARGIN.left + right) / 2}" y="${bottom + 42}" text-anchor="middle">${x}</text>`,
    `<text transform="translate(16 ${(MARGIN.top + bottom) / 2}) rotate(-90)" text-anchor="middle">${y}</text>`,
    `<polyline points="${points.map(at).join(' ')}" fill="none" stroke="#2a9d8f" stroke-width="2"/>`,
    ...points.map((point) => {
      const [cx, cy] = at(point).split(',');
      return `<circle cx="${cx}" cy="${cy}" r="3" fill="#2a9d8f"/>`;
    }),
  ].join('\n');
}

/** Round numbers from 0 to at least `greatest`. */
function marksUpTo(greatest: number): number[] {
  const rough = greatest / MARKS;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = unit * ([1, 2, 5, 10].find((factor) => factor * unit >= rough) ?? 10);
  const count = Math.ceil(greatest / step);
  return Array.from({ length: count + 1 }, (_, i) => Number((i * step).toPrecision(6)));
}
