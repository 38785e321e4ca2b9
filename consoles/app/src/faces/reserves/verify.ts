// The check of one's own part, in the browser: SHA-256 from the leaf to the published root. sdk/verify_reserves.py does the same in Python, and
// both are held to the same vectors. Amounts are whole numbers of the asset's smallest unit, and all that is hashed is put together as hex.

export interface Signed {
  statement: string;
  key_id: string;
  public_key: string;
  signature: string;
}

export interface Sibling {
  hash: string;
  sum: string;
}

export interface Leaf {
  asset: string;
  scale: number;
  position: number;
  nonce: string;
  units: string;
  amount: string;
  path: readonly Sibling[];
}

export interface Proof extends Signed {
  format: string;
  snapshot_id: string;
  customer_id: string;
  at: string;
  items: readonly Leaf[];
}

interface Tree {
  asset: string;
  scale: number;
  leaves: number;
  root: string;
  liabilities: string;
}

interface Statement {
  format: string;
  snapshot: string;
  at: string;
  assets: readonly Tree[];
}

export type Reason = "insecure" | "shape" | "statement" | "tree" | "length" | "negative" | "root" | "amount";

/** What does not hold, and of which asset. */
export class Wrong extends Error {
  constructor(readonly reason: Reason, readonly asset: string | null = null) {
    super(asset === null ? reason : `${asset}: ${reason}`);
  }
}

const FORMAT = "rivermouth/reserves/1";
const LIMIT = 1n << 256n;
const DIGITS = "0123456789abcdef";

function demand(holds: boolean, reason: Reason, asset: string | null = null): void {
  if (!holds) throw new Wrong(reason, asset);
}

/** Resolves when every amount of the proof is counted under one of the published roots; otherwise throws `Wrong`. */
export async function verify(proof: Proof, published: readonly Signed[]): Promise<void> {
  demand("subtle" in crypto, "insecure"); // browsers hash on pages that came over HTTPS, or from this machine
  demand(proof.format === FORMAT, "shape");
  const same = (one: Signed): boolean => (["statement", "key_id", "public_key", "signature"] as const).every((name) => one[name] === proof[name]);
  demand(published.some(same), "statement");
  const said = JSON.parse(proof.statement) as Statement;
  demand(said.format === FORMAT && said.snapshot === proof.snapshot_id && moment(said.at) === moment(proof.at), "statement");
  demand(distinct(said.assets) && distinct(proof.items), "shape");
  for (const leaf of proof.items) await check(leaf, said.assets.find((tree) => tree.asset === leaf.asset), proof);
}

async function check(leaf: Leaf, tree: Tree | undefined, proof: Proof): Promise<void> {
  const { asset } = leaf;
  if (tree === undefined) throw new Wrong("tree", asset);
  demand(Number.isSafeInteger(leaf.position) && leaf.position >= 0 && leaf.position < tree.leaves, "tree", asset);
  demand(leaf.path.length === depth(tree.leaves), "length", asset);
  let sum = units(leaf.units, asset);
  let hash = await sha256([
    "00", id(proof.snapshot_id), asset.length.toString(16).padStart(2, "0"), ascii(asset), id(proof.customer_id), hex(leaf.nonce, 32), word(sum),
  ]);
  let place = leaf.position;
  for (const sibling of leaf.path) {
    const beside = units(sibling.sum, asset);
    const [own, other] = [hash + word(sum), hex(sibling.hash, 64) + word(beside)];
    sum += beside;
    demand(sum < LIMIT, "negative", asset);
    hash = await sha256(["01", ...(place % 2 === 1 ? [other, own] : [own, other])]);
    place = Math.floor(place / 2);
  }
  demand(hash === tree.root && sum === units(tree.liabilities, asset), "root", asset);
  demand(leaf.scale === tree.scale && shifted(leaf.amount, tree.scale) === leaf.units, "amount", asset);
}

function distinct(things: readonly { asset: string }[]): boolean {
  return new Set(things.map((thing) => thing.asset)).size === things.length;
}

function moment(at: string): string {
  return at.replace("+00:00", "Z");
}

/** Levels above the leaves: the length of every path. */
export function depth(leaves: number): number {
  let levels = 0;
  for (let width = 1; width < leaves; width *= 2) levels += 1;
  return levels;
}

/** Zero or more, and small enough that no sum can run over. */
function units(text: string, asset: string): bigint {
  demand(/^(0|[1-9][0-9]{0,77})$/.test(text), "negative", asset);
  const value = BigInt(text);
  demand(value < LIMIT, "negative", asset);
  return value;
}

/** A decimal in units: "1.5" with two places is "150". */
function shifted(amount: string, scale: number): string {
  const parts = /^([0-9]+)(?:\.([0-9]+))?$/.exec(amount);
  const fraction = parts?.[2] ?? "";
  if (parts?.[1] === undefined || fraction.length > scale) return "";
  return BigInt(parts[1] + fraction.padEnd(scale, "0")).toString();
}

function hex(text: string, length: number): string {
  demand(text.length === length && /^[0-9a-f]*$/.test(text), "shape");
  return text;
}

const id = (uuid: string): string => hex(uuid.replaceAll("-", ""), 32);
const word = (value: bigint): string => value.toString(16).padStart(64, "0");

function ascii(text: string): string {
  demand(/^[ -~]{1,255}$/.test(text), "shape");
  return Array.from(text, (letter) => letter.charCodeAt(0).toString(16).padStart(2, "0")).join("");
}

async function sha256(parts: readonly string[]): Promise<string> {
  const text = parts.join("");
  const bytes = new Uint8Array(text.length / 2);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = digit(text, 2 * at) * 16 + digit(text, 2 * at + 1);
  const found = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...found].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function digit(text: string, at: number): number {
  return DIGITS.indexOf(text.charAt(at));
}
