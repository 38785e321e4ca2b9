// Held to the vectors that the Python verifier is held to (tests/unit/wallet_bridge/test_reserves_vectors.py makes and checks them).

import { expect, test } from "vitest";
import vectors from "./vectors.json";
import { depth, verify, Wrong, type Proof, type Signed } from "./verify";

interface Case {
  why: string;
  reason: string;
  proof: Proof;
}

const published: readonly Signed[] = vectors.published;
const good: readonly Proof[] = vectors.good;
const bad: readonly Case[] = vectors.bad;

test.each(good.map((proof) => [proof.customer_id, proof] as const))("the proof of %s is right", async (_customer, proof) => {
  await expect(verify(proof, published)).resolves.toBeUndefined();
});

test.each(bad.map((one) => [one.why, one] as const))("refused: %s", async (_why, { proof, reason }) => {
  await expect(verify(proof, published)).rejects.toMatchObject({ reason });
  await expect(verify(proof, published)).rejects.toBeInstanceOf(Wrong);
});

test("a proof is of a published statement only", async () => {
  await expect(verify(good[0] as Proof, [])).rejects.toMatchObject({ reason: "statement" });
});

test.each([[1, 0], [2, 1], [3, 2], [4, 2], [5, 3], [256, 8], [257, 9], [100_000, 17]])("%i leaves have %i levels above them", (leaves, levels) => {
  expect(depth(leaves)).toBe(levels);
});
