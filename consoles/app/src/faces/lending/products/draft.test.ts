import { describe, expect, it } from "vitest";
import { GROUPS, NEW, bodyOf, draftOf, linesFor, type Product } from "./draft";

describe("a product while it is typed", () => {
  it("becomes what the API wants: texts for amounts, numbers for counts, null for what is missing", () => {
    const body = bodyOf({ ...NEW, name: " Loan ", terms: { ...NEW.terms, rate: "0.120", tenors: "30，90", confirm_n: "3", every: " " } });
    expect(body.name).toBe("Loan");
    expect(body.funding_line_id).toBeNull();
    expect(body.terms).toMatchObject({ rate: "0.12", tenors: [30, 90], confirm_n: 3, every: null, customer_cap: null });
    expect(body.collaterals[0]).toMatchObject({ pledge: "0.8", asset_cap: null });
  });

  it("leaves nonsense as it is, for the server to name its field", () => {
    expect(bodyOf({ ...NEW, terms: { ...NEW.terms, rate: "x", confirm_n: "1.5" } }).terms).toMatchObject({ rate: "x", confirm_n: "1.5" });
  });

  it("reads a version back into the same body", () => {
    const body = bodyOf({ ...NEW, name: "Loan", line: "l" });
    const product = { ...body, tiers: [], funding_line_id: "l" } as unknown as Product;
    expect(bodyOf(draftOf(product))).toEqual(body);
  });

  it("chooses among the lines of its asset, and shows the one it names whatever that lends", () => {
    const lines = [{ id: "a", asset: "USDT" }, { id: "b", asset: "BTC" }, { id: "c", asset: "USDT" }];
    expect(linesFor({ asset: "USDT ", line: "" }, lines).map(({ id }) => id)).toEqual(["a", "c"]);
    expect(linesFor({ asset: "USDT", line: "b" }, lines).map(({ id }) => id)).toEqual(["a", "b", "c"]);
    expect(linesFor({ asset: "", line: "" }, lines)).toEqual([]);
  });

  it("asks for every term once", () => {
    const fields = GROUPS.flatMap((group) => Object.keys(group.fields));
    expect(new Set(fields).size).toBe(fields.length);
    expect(new Set(fields)).toEqual(new Set(Object.keys(NEW.terms)));
  });
});
