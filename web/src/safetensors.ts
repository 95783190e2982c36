/** Tensors from bytes in the safetensors layout, strictly: whatever is not as it should be is an error in words. */

import type { Examples, Frame, Matrix, Numbers } from "./protocol";

export interface Tensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: ArrayBufferView;
  readonly bytes: number;
}

export interface Tensors {
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

type Slice = (buffer: ArrayBuffer, at?: number, count?: number) => ArrayBufferView;

/** The number of 16 bits: one of sign, five of exponent, ten of fraction. */
export function half(bits: number): number {
  const [sign, exponent, fraction] = [bits & 0x8000 ? -1 : 1, (bits >> 10) & 0x1f, bits & 0x3ff];
  if (exponent === 0x1f) return fraction ? NaN : sign * Infinity;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -14 * (fraction / 1024));
}

const DTYPES: Readonly<Record<string, readonly [bytes: number, view: Slice]>> = {
  F16: [2, (b, at, n) => Float32Array.from(new Uint16Array(b, at, n), half)],
  F32: [4, (b, at, n) => new Float32Array(b, at, n)],
  F64: [8, (b, at, n) => new Float64Array(b, at, n)],
  I64: [8, (b, at, n) => new BigInt64Array(b, at, n)],
  U64: [8, (b, at, n) => new BigUint64Array(b, at, n)],
  U8: [1, (b, at, n) => new Uint8Array(b, at, n)],
  BOOL: [1, (b, at, n) => new Uint8Array(b, at, n)],
};
const LONGEST_HEADER = 2 ** 20;

class Unsound extends Error {
  constructor(fact: string) {
    super(`The tensors cannot be read: ${fact}. The recording is damaged, or of another program.`);
  }
}

function parsed(text: string, what: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch { /* said below */ }
  throw new Unsound(`their ${what} is not a JSON object`);
}

const isWhole = (n: unknown): n is number => Number.isSafeInteger(n) && (n as number) >= 0;
const areWhole = (list: unknown): list is number[] => Array.isArray(list) && list.every(isWhole);

/** All tensors of a blob: views of it where it is a buffer of its own, which is theirs from then on; else copies. */
export function decode(blob: Uint8Array): Tensors {
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  if (blob.byteLength < 8) throw new Unsound(`they are ${blob.byteLength} bytes long`);
  const length = Number(view.getBigUint64(0, true));
  if (length > LONGEST_HEADER || length > blob.byteLength - 8) throw new Unsound(`their header claims ${length} bytes`);
  const text = new TextDecoder("utf-8", { fatal: true }).decode(blob.subarray(8, 8 + length));
  const { __metadata__: metadata = {}, ...table } = parsed(text, "header");
  const block = blob.subarray(8 + length);
  const tensors = new Map<string, Tensor>();
  let end = 0;
  for (const [name, entry] of Object.entries(table)) {
    const tensor = one(name, entry, block, end);
    tensors.set(name, tensor);
    end += tensor.bytes;
  }
  if (end !== block.byteLength) throw new Unsound(`they take ${end} bytes, and there are ${block.byteLength}`);
  if (!Object.values(metadata as object).every((v) => typeof v === "string")) throw new Unsound("their metadata is not text");
  return { tensors, metadata: metadata as Record<string, string> };
}

/** The numbers where they lie, if the bytes are a buffer of their own and the numbers aligned in it; else a copy of them. */
function viewOf([size, view]: readonly [bytes: number, view: Slice], block: Uint8Array, start: number, stop: number): ArrayBufferView {
  const at = block.byteOffset + start;
  const isWhole = block.byteOffset + block.byteLength === block.buffer.byteLength && block.byteLength * 2 > block.buffer.byteLength;
  if (isWhole && at % size === 0) return view(block.buffer as ArrayBuffer, at, (stop - start) / size);
  return view(block.slice(start, stop).buffer as ArrayBuffer);
}

function one(name: string, entry: unknown, block: Uint8Array, due: number): Tensor {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  const row = typeof dtype === "string" && Object.hasOwn(DTYPES, dtype) ? DTYPES[dtype] : undefined;
  if (!row) throw new Unsound(`${name} has the dtype ${JSON.stringify(dtype)}`);
  if (!areWhole(shape) || !areWhole(offsets) || offsets.length !== 2) throw new Unsound(`${name} has no shape or no place`);
  const [start, stop] = offsets as [number, number];
  const bytes = shape.reduce((product, n) => product * n, row[0]);
  if (start !== due || stop - start !== bytes || stop > block.byteLength) {
    throw new Unsound(`${name} of shape [${shape}] lies from byte ${start} to ${stop}, not ${due} to ${due + bytes}`);
  }
  return { dtype: dtype as string, shape, data: viewOf(row, block, start, stop), bytes };
}

function numbers(tensors: Tensors, name: string): Tensor & { readonly data: Numbers } {
  const found = tensors.tensors.get(name);
  if (!found) throw new Unsound(`there is no ${name} among them`);
  if (!(found.data instanceof Float32Array || found.data instanceof Float64Array)) {
    throw new Unsound(`${name} is ${found.dtype}, not F16, F32 or F64`);
  }
  return found as Tensor & { data: Numbers };
}

const orNull = (told: unknown): number | null => (typeof told === "number" ? told : null);

/** What is told of a frame: its state, the cost of its step and the rate of the next, as chainrule writes them; or its state in plain metadata. */
function toldOf(metadata: Readonly<Record<string, string>>): { state: Record<string, unknown>; cost: number | null; eta: number | null } {
  const ours = "chainrule" in metadata ? parsed(metadata["chainrule"]!, "metadata") : metadata;
  const state = typeof ours["state"] === "string" ? parsed(ours["state"], "state") : ours["state"];
  if (typeof state !== "object" || state === null || !isWhole((state as Record<string, unknown>)["updates"])) {
    throw new Unsound("their metadata does not say after which step they stand");
  }
  return { state: state as Record<string, unknown>, cost: orNull(ours["cost"]), eta: orNull(ours["eta"]) };
}

/** A frame from its bytes. */
export function decodeFrame(blob: Uint8Array): Frame {
  const all = decode(blob);
  const { state, cost, eta } = toldOf(all.metadata);
  const slots: Record<string, Numbers> = {};
  for (const name of all.tensors.keys()) {
    if (name.startsWith("slot.")) slots[name.slice(5)] = numbers(all, name).data;
  }
  const parameters = numbers(all, "parameters").data;
  return { step: state["updates"] as number, parameters, slots, state, cost, eta, bytes: blob.byteLength };
}

function matrix(tensors: Tensors, name: string): Matrix {
  const { data, shape } = numbers(tensors, name);
  if (shape.length !== 2) throw new Unsound(`${name} has the shape [${shape}], not rows and columns`);
  return { data, rows: shape[0]!, columns: shape[1]! };
}

/** Examples from their bytes. */
export function decodeExamples(blob: Uint8Array): Examples {
  const all = decode(blob);
  const has = all.tensors.has("points_x");
  const [x, y] = [matrix(all, "x"), matrix(all, "y")];
  if (x.rows !== y.rows) throw new Unsound(`x has ${x.rows} examples, and y has ${y.rows}`);
  return { x, y, points: has ? { x: matrix(all, "points_x"), y: matrix(all, "points_y") } : null };
}

/** The parts of a list of frames: each stands after its length, a little-endian unsigned 64-bit number. */
export function split(list: Uint8Array): Uint8Array[] {
  const view = new DataView(list.buffer, list.byteOffset, list.byteLength);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < list.byteLength; ) {
    if (at + 8 > list.byteLength) throw new Unsound("a list of frames was cut off");
    const length = Number(view.getBigUint64(at, true));
    if (at + 8 + length > list.byteLength) throw new Unsound("a list of frames was cut off");
    parts.push(list.subarray(at + 8, at + 8 + length));
    at += 8 + length;
  }
  return parts;
}
