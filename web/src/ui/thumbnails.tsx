/** Small pictures of what can be learned: drawn by formula, with the shapes that the classes have elsewhere. */

import type { JSX } from "preact";

type Point = readonly [x: number, y: number, second: boolean];

const turn = (i: number): number => i * 2.39996; // the golden angle spreads points evenly
const wobble = (i: number, by: number): number => by * Math.sin(i * 12.9898);
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** In a square from -1 to 1, y upwards. */
const CLOUDS: Readonly<Record<string, readonly Point[]>> = {
  circle: [
    ...range(16).map((i): Point => [0.42 * Math.sqrt(i / 16) * Math.cos(turn(i)), 0.42 * Math.sqrt(i / 16) * Math.sin(turn(i)), false]),
    ...range(20).map((i): Point => [(0.8 + wobble(i, 0.1)) * Math.cos(i * 0.314), (0.8 + wobble(i, 0.1)) * Math.sin(i * 0.314), true]),
  ],
  moons: range(16).flatMap((i): Point[] => {
    const angle = (Math.PI * i) / 15;
    return [[0.6 * Math.cos(angle) - 0.28, 0.62 * Math.sin(angle) - 0.16 + wobble(i, 0.06), false], [0.28 - 0.6 * Math.cos(angle), 0.16 - 0.62 * Math.sin(angle) + wobble(i + 9, 0.06), true]];
  }),
  xor: range(9).flatMap((i): Point[] => {
    const [x, y] = [0.2 + 0.3 * (i % 3) + wobble(i, 0.06), 0.2 + 0.3 * Math.floor(i / 3) + wobble(i + 5, 0.06)];
    return [[x, y, false], [-x, -y, false], [-x, y, true], [x, -y, true]];
  }),
  spirals: range(19).flatMap((i): Point[] => {
    const [t, angle] = [0.08 + (0.86 * i) / 18, (3.1 * Math.PI * i) / 18];
    return [[t * Math.cos(angle), t * Math.sin(angle), false], [-t * Math.cos(angle), -t * Math.sin(angle), true]];
  }),
};

const SEVEN = ["0000000", "0111110", "0000110", "0001100", "0011000", "0011000", "0000000"];

function Cloud({ points }: { points: readonly Point[] }): JSX.Element {
  return (
    <>
      {points.map(([x, y, second], i) => second
        ? <path key={i} class="crl-thumb-b" d={`M${60 + 44 * x} ${45 - 40 * y - 3.4}l3.2 5.6h-6.4z`} />
        : <circle key={i} class="crl-thumb-a" cx={60 + 44 * x} cy={45 - 40 * y} r={2.6} />)}
    </>
  );
}

function Curve(): JSX.Element {
  const at = (x: number): number => 45 - 28 * Math.sin(Math.PI * x);
  return (
    <>
      <polyline class="crl-thumb-line" points={range(41).map((i) => `${14 + 2.3 * i},${at(-1 + i / 20)}`).join(" ")} />
      {range(18).map((i) => <circle key={i} class="crl-thumb-ink" cx={16 + 5.2 * i} cy={at(-1 + (5.2 * i + 2) / 46) + wobble(i, 5)} r={2.2} />)}
    </>
  );
}

const Digit = (): JSX.Element => (
  <>{SEVEN.flatMap((row, y) => [...row].map((cell, x) => <rect key={`${x}.${y}`} class={cell === "1" ? "crl-thumb-ink" : "crl-thumb-faint"} x={25 + 10 * x} y={10 + 10 * y} width={9.4} height={9.4} />))}</>
);

const Own = (): JSX.Element => (
  <>
    {range(4).map((row) => range(4).map((column) => <rect key={`${row}.${column}`} class={row === 0 ? "crl-thumb-a" : column === 3 ? "crl-thumb-b" : "crl-thumb-faint"} x={20 + 21 * column} y={14 + 16 * row} width={19} height={13} rx={2} />))}
  </>
);

/** The chain rule itself: forward, and back. */
const Chain = (): JSX.Element => (
  <>
    {[24, 60, 96].map((x) => <circle key={x} class="crl-thumb-node" cx={x} cy={45} r={11} />)}
    <path class="crl-thumb-line" d="M33 37Q42 22 51 37M69 37Q78 22 87 37" />
    <path class="crl-thumb-back" d="M51 53Q42 68 33 53M87 53Q78 68 69 53" />
  </>
);

/** The picture of a card; decoration, so it is silent. */
export function Thumbnail({ name }: { name: string }): JSX.Element {
  const cloud = CLOUDS[name];
  return (
    <svg class="crl-thumb" viewBox="0 0 120 90" aria-hidden="true">
      {cloud ? <Cloud points={cloud} /> : name === "sine" ? <Curve /> : name === "mnist" ? <Digit /> : name === "own" ? <Own /> : <Chain />}
    </svg>
  );
}
