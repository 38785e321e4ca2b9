import { describe, expect, it } from "vitest";
import type { CalendarDay } from "../reads";
import type { Template } from "../terms";
import { canStop, columnOf, daysIn, governing, monthOf, moved, salesOf, shiftMonth, sumsOf, unsoldOf, WEEKDAYS } from "./model";

const version = (id: string, n: number, from: string | null, status = "published", holidays: string[] = []): Template =>
  ({ id, version: n, name: `${id}${String(n)}`, status, effective_from: from, terms: { holidays } }) as unknown as Template;
const sale = (template: string, day: string, sold: string, more: Partial<CalendarDay> = {}): CalendarDay =>
  ({ id: `${template} ${day}`, template, version: 1, asset: "USDT", sale_date: day, quota: "100", sold, ...more }) as unknown as CalendarDay;

describe("a month", () => {
  it("follows the calendar over years and leap days", () => {
    expect([shiftMonth("2026-12", 1), shiftMonth("2026-01", -1), shiftMonth("2026-03", 12)]).toEqual(["2027-01", "2025-12", "2027-03"]);
    expect([daysIn("2028-02").length, daysIn("2026-02").length, daysIn("2026-12").at(-1)]).toEqual([29, 28, "2026-12-31"]);
  });

  it("begins on its weekday, of weeks that begin on Monday", () => {
    expect(["2026-11-30", "2026-11-01", "2026-12-01"].map(columnOf)).toEqual([1, 7, 2]);
    expect(WEEKDAYS.map(columnOf)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it("shows what is sold on each day, and what is missing of those that should be", () => {
    const templates = [version("a", 2, "2026-11-20", "published", ["2026-11-21"]), version("a", 1, "2026-11-10"), version("b", 1, "2026-11-19", "retired"), version("c", 1, null, "draft")];
    const days = monthOf("2026-11", [sale("a", "2026-11-12", "5")], templates);
    const at = (day: string): (typeof days)[number] | undefined => days.find(({ date }) => date === day);
    expect(at("2026-11-09")).toMatchObject({ sales: [], missing: [], holidays: [] });
    expect(at("2026-11-12")?.sales.map(({ sold }) => sold)).toEqual(["5"]);
    expect(at("2026-11-12")?.missing).toEqual([]);
    expect(at("2026-11-20")?.missing.map(({ name }) => name)).toEqual(["a2"]);
    expect(at("2026-11-21")?.holidays.map(({ name }) => name)).toEqual(["a2"]);
    expect(at("2026-11-21")?.missing).toEqual([]);
    expect(governing(templates, "2026-11-19")?.name).toBe("a1");
  });

  it("is gone through by the arrows, and not beyond its ends", () => {
    expect([moved("ArrowRight", 0, 30), moved("ArrowDown", 3, 30), moved("ArrowUp", 3, 30), moved("ArrowLeft", 0, 30), moved("End", 3, 30), moved("Home", 3, 30), moved("a", 3, 30)])
      .toEqual([1, 10, null, null, 29, 0, null]);
  });
});

describe("days of sale", () => {
  it("add up by asset, and by the version that is sold", () => {
    const rows = [sale("a", "2026-11-01", "0.1"), sale("a", "2026-11-02", "0.2"), sale("b", "2026-11-01", "7", { asset: "BTC" })];
    expect(sumsOf(rows)).toEqual([{ asset: "USDT", quota: "200", sold: "0.3" }, { asset: "BTC", quota: "100", sold: "7" }]);
    expect(salesOf(rows)["a 1"]).toEqual({ days: 2, sold: "0.3" });
    expect(salesOf(rows)["a 2"]).toBeUndefined();
    expect(unsoldOf({ quota: "100", sold: "0.1" })).toBe("99.9");
  });

  it("are stopped while there is something to stop", () => {
    expect((["planned", "on_sale", "sold_out", "closed", "running", "matured", "withdrawn"] as const).filter((status) => canStop({ status }))).toEqual(["planned", "on_sale", "sold_out"]);
  });
});
