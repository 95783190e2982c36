/** What may stand in JSON that somebody else wrote: named fields of known kinds, no others; errors name the field and its line. */

import { reason } from "../format";

/** A lesson that cannot be used; the text says where and why. */
export class Faulty extends Error {}

/** What is wrong with a value, as the end of a sentence that begins with the field's name; null where nothing is. */
export interface Rule {
  (value: unknown): string | null;
  /** Of an object: its own fields. */
  readonly fields?: Fields;
}
/** The fields of an object; those whose name ends in "?" may be missing. */
export interface Fields { readonly [name: string]: Rule }

const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
};
const isNot = (value: unknown, what: string): string => `must be ${what}, not ${shown(value)}`;

export const flag: Rule = (value) => (typeof value === "boolean" ? null : isNot(value, "true or false"));

export const number = (low: number = -1e9, high: number = 1e9): Rule => (value) =>
  (typeof value === "number" && value >= low && value <= high ? null : isNot(value, `a number from ${low} to ${high}`));

export const whole = (low: number, high: number): Rule => (value) =>
  (Number.isInteger(value) && (value as number) >= low && (value as number) <= high ? null : isNot(value, `a whole number from ${low} to ${high}`));

export const text = (most: number = 2000): Rule => (value) => {
  if (typeof value !== "string" || !value.trim()) return isNot(value, "a text");
  return value.length <= most ? null : `has ${value.length} characters; there may be ${most}`;
};

export const oneOf = (names: readonly string[]): Rule => (value) => {
  if (typeof value === "string" && names.includes(value)) return null;
  return isNot(value, `one of ${names.join(", ")}`);
};

export const either = (...rules: readonly Rule[]): Rule => (value) => {
  const wrong = rules.map((rule) => rule(value));
  return wrong.includes(null) ? null : wrong.join("; or it ");
};

export const listOf = (rule: Rule, least: number, most: number): Rule => (value) => {
  if (!Array.isArray(value)) return isNot(value, "a list");
  if (value.length < least || value.length > most) return `has ${value.length} entries; there may be ${least} to ${most}`;
  const at = value.findIndex((entry) => rule(entry) !== null);
  return at < 0 ? null : `has an entry ${at + 1} that ${rule(value[at])}`;
};

export function object(fields: Fields): Rule {
  const rule = (value: unknown): string | null => {
    const fault = faultOf(value, fields);
    return fault && [fault.field && `"${fault.field}"`, fault.words].filter(Boolean).join(" ");
  };
  return Object.assign(rule, { fields });
}

/** What is wrong, and with which field: "network.sizes" is one within another. */
export interface Fault { readonly field: string; readonly words: string }

/** The first thing that is wrong with an object; null where it has the fields that it should have, and no others. */
function faultOf(value: unknown, fields: Fields): Fault | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return { field: "", words: isNot(value, "an object in braces") };
  const names = Object.keys(fields).map((name) => name.replace("?", ""));
  for (const field of Object.keys(value)) {
    if (!names.includes(field)) return { field, words: `is not known here${like(field, names)}. There are ${names.join(", ")}` };
  }
  for (const [name, rule] of Object.entries(fields)) {
    const field = name.replace("?", "");
    if (!Object.hasOwn(value, field)) {
      if (name === field) return { field, words: "is missing" };
      continue;
    }
    const inner = (value as Record<string, unknown>)[field];
    const fault = rule.fields ? faultOf(inner, rule.fields) : null;
    if (fault) return { field: [field, fault.field].filter(Boolean).join("."), words: fault.words };
    const words = rule.fields ? null : rule(inner);
    if (words !== null) return { field, words };
  }
  return null;
}

/** " (did you mean answer?)" */
function like(name: string, names: readonly string[]): string {
  const close = names.find((other) => distance(name.toLowerCase(), other) <= 2 && other.length > 2);
  return close ? ` (did you mean ${close}?)` : "";
}

/** How many letters differ (Levenshtein 1966). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return row[b.length]!;
}

/** JSON in a file: its text, what it is called, and the line of the file on which it begins. */
export interface Piece {
  readonly text: string;
  readonly what: string;
  readonly line: number;
}

const linesIn = (text: string): number => text.split("\n").length - 1;

/** An error that says where: at a field of a piece, or at its beginning. */
export function faulty({ text: json, what, line }: Piece, words: string, field: string = ""): Faulty {
  const at = field ? json.indexOf(`"${field.split(".").at(-1)}"`) : -1;
  return new Faulty(`Line ${line + (at < 0 ? 0 : linesIn(json.slice(0, at)))}, ${what}: ${field && `"${field}" `}${words}.`);
}

/** What a piece says, if it is JSON. */
export function parsed(piece: Piece): unknown {
  try {
    return JSON.parse(piece.text);
  } catch (error) {
    const said = reason(error);
    const place = /position (\d+)/.exec(said);
    const lines = place ? linesIn(piece.text.slice(0, Number(place[1]))) : Number(/line (\d+)/.exec(said)?.[1] ?? 1) - 1;
    throw faulty({ ...piece, line: piece.line + lines }, `this is not JSON (${said.replace(/\s*\(line.*$/, "")})`);
  }
}

/** An object with these fields, from a piece. */
export function checkedObject<T>(piece: Piece, fields: Fields): T {
  const value = parsed(piece);
  const fault = faultOf(value, fields);
  if (fault) throw faulty(piece, fault.words, fault.field);
  return value as T;
}
