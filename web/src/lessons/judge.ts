/** What is said to a number that a learner typed: kindly, and with what may have gone wrong. */

import { number, parseNumber } from "../format";

export interface Verdict {
  readonly right: boolean;
  /** Empty where nothing was typed. */
  readonly text: string;
}

const TOLERANCE = 0.01; // relative

const near = (x: number, truth: number, tolerance: number): boolean =>
  Math.abs(x - truth) <= tolerance * Math.abs(truth) || (Math.abs(truth) < 1e-12 && Math.abs(x) < 1e-6);

/** Mistakes that many make, in the order in which they are looked for: what turns the truth into what was typed, and what to say. */
const SLIPS: readonly (readonly [slip: (truth: number) => number, text: string])[] = [
  [(t) => -t, "The size is right, the sign is not."],
  [(t) => 2 * t, "Twice too large: is there a factor ½ on the way?"],
  [(t) => t / 2, "Half of it: has a factor 2 been left out?"],
  [(t) => 10 * t, "Ten times too large: look at the decimal point."],
  [(t) => t / 10, "Ten times too small: look at the decimal point."],
];

/** Whether an answer is right, to 1 %, and what to say; `slips` are other values, with what they would mean. */
export function judge(
  typed: string, truth: number, tolerance: number = TOLERANCE, slips: readonly (readonly [value: number, text: string])[] = [],
): Verdict {
  if (!typed.trim()) return { right: false, text: "" };
  const x = parseNumber(typed);
  if (x === null) return { right: false, text: "That is not a number yet. Write it like 0.24, −0.46 or 2e-3." };
  if (near(x, truth, tolerance)) return { right: true, text: x === truth ? "Right." : `Right: ${number(truth, 6)}.` };
  const known = [...slips, ...SLIPS.map(([slip, text]) => [slip(truth), text] as const)];
  const slip = known.find(([value]) => near(x, value, tolerance) && !near(value, truth, tolerance));
  if (slip) return { right: false, text: slip[1] };
  if (near(x, truth, 0.1)) return { right: false, text: "Very close. One more digit, perhaps." };
  return { right: false, text: x > truth ? "Not yet: it is smaller than that." : "Not yet: it is larger than that." };
}
