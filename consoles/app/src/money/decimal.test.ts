import { describe, expect, test } from "vitest";
import { add, byValue, canonical, compare, isDecimal, mul, placesOf, ratio, sub, toGrid, total } from "./decimal";
import { formatCut, formatExact, formatPercent, formatPrice, formatSigned } from "./format";

describe("arithmetic", () => {
  test("is exact where floats are not", () => {
    expect(add("0.1", "0.2")).toBe("0.3");
    expect(mul("1.000000000000000001", "1.000000000000000001")).toBe("1.000000000000000002000000000000000001");
    expect(sub("100000000000000000000.00000001", "0.00000001")).toBe("100000000000000000000");
    expect(total(["0.1", "0.2", "-0.3"])).toBe("0");
  });

  test("compares by value, not by letters", () => {
    expect(compare("10", "9")).toBe(1);
    expect(["10", "9", "-1"].sort(byValue((x) => x))).toEqual(["-1", "9", "10"]);
  });

  test("cuts quotients and grids towards zero", () => {
    expect(ratio("2", "3", 4)).toBe("0.6666");
    expect(ratio("-2", "3", 4)).toBe("-0.6666");
    expect(toGrid("0.123459", "0.0001")).toBe("0.1234");
    expect(placesOf("0.0100")).toBe(2);
    expect(placesOf("10")).toBe(0);
  });

  test("reads what people type", () => {
    expect(["1", "1.", ".5", "-2.50"].every(isDecimal)).toBe(true);
    expect(["", ".", "1e5", "1,000", "0x1", "--1", "1 2"].some(isDecimal)).toBe(false);
    expect(canonical(" 01.50 ")).toBe("1.5");
    expect(canonical(".5")).toBe("0.5");
    expect(canonical("1.")).toBe("1");
  });
});

describe("texts", () => {
  test("keep every digit", () => {
    expect(formatExact("12345678901234567.123456789012345678", "en")).toBe("12,345,678,901,234,567.123456789012345678");
    expect(formatPrice("59999.9", "0.01", "en")).toBe("59,999.90");
    expect(formatCut("0.99999", 2, "zh")).toBe("0.99");
  });

  test("say the sign in letters", () => {
    expect(formatSigned("1.5", "en", 2)).toBe("+1.50");
    expect(formatSigned("-1.5", "en", 2)).toBe("−1.50");
    expect(formatSigned("0", "en")).toBe("0");
    expect(formatPercent("0.01234", "en")).toBe("1.23 %");
  });
});
