import { describe, expect, it } from "vitest";
import { bodyOf, likeOf, NEW, typedIn, type Coupon } from "./draft";

const DRAFT = { ...NEW, name: " Spring ", boost: "2", max_principal: "1000.0", starts_at: "2026-12-01T00:00", ends_at: "2026-12-31T23:59", budget: "500" };

describe("a coupon while it is typed", () => {
  it("becomes what the API wants: the rate as a fraction, times in UTC, null for everybody and for the whole term", () => {
    expect(bodyOf(DRAFT)).toEqual({
      name: "Spring", asset: "USDT", apr_boost: "0.02", max_principal: "1000", days: null, minimum: "0", templates: [], starts_at: "2026-12-01T00:00:00Z",
      ends_at: "2026-12-31T23:59:00Z", uses_per_customer: 1, customers: null, budget: "500",
    });
    expect(bodyOf({ ...DRAFT, days: "30", customers: "a, b" })).toMatchObject({ days: 30, customers: ["a", "b"] });
    expect(bodyOf({ ...DRAFT, days: "x", boost: "much", starts_at: "" })).toMatchObject({ days: "x", apr_boost: "much", starts_at: "" });
  });

  it("is made from another one like it", () => {
    const coupon = { ...bodyOf({ ...DRAFT, days: "7", customers: "a b" }) } as unknown as Coupon;
    expect(bodyOf(likeOf(coupon))).toEqual(coupon);
  });

  it("knows what was typed by the server's names", () => {
    expect([typedIn(DRAFT, "apr_boost"), typedIn(DRAFT, "days"), typedIn(DRAFT, "customers.0")]).toEqual(["2", "", ""]);
  });
});
