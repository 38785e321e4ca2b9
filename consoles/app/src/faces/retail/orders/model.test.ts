import { describe, expect, it } from "vitest";
import { afterEvent, arranged, filledShare, type Order, type OrderEvent } from "./model";

const told = (id: string): Omit<OrderEvent, "event" | "version"> => ({
  id, client_order_id: id, status: "resting", symbol: "BTC-USDT", side: "buy", type: "limit", time_in_force: "gtc", quantity: "1", quote_quantity: null,
  filled_quantity: "0", average_price: null, limit_price: "50000", fee: "0", fee_asset: "USDT", stop_price: null, trail: null, stopped_at: null,
  post_only: false, display_quantity: null, expires_at: null, pair_id: null, replaces: null, slices_left: 0, venue: "best", reason: null,
  cancel_requested: false, created_at: "2026-11-21T10:00:00Z", updated_at: "2026-11-21T10:00:00Z",
});
const order = (id: string, over: Partial<Order> = {}): Order => ({ ...told(id), algo: null, fills: [], venue_orders: [], ...over });
const event = (id: string, over: Partial<OrderEvent> = {}): OrderEvent => ({ ...told(id), event: "changed", version: 2, ...over });

describe("open orders after an event", () => {
  it("lets a new one in and an ended one out", () => {
    const open = afterEvent([order("a")], event("b", { event: "accepted", status: "accepted" }));
    expect(open.map(({ id }) => id)).toEqual(["b", "a"]);
    expect(afterEvent(open, event("a", { status: "filled" })).map(({ id }) => id)).toEqual(["b"]);
  });
  it("keeps what only the list of the API tells", () => {
    const twap = order("a", { algo: { twap: { duration_s: 60, slices: 4 } }, slices_left: 3 });
    const [now] = afterEvent([twap], event("a", { slices_left: 2, updated_at: "2026-11-21T10:00:20Z" }));
    expect(now?.algo?.twap.slices).toBe(4);
    expect(now?.slices_left).toBe(2);
  });
  it("is not set back by older news", () => {
    const [now] = afterEvent([order("a", { filled_quantity: "0.5", updated_at: "2026-11-21T10:01:00Z" })], event("a"));
    expect(now?.filled_quantity).toBe("0.5");
  });
});

it("puts the legs of a pair together, newest first", () => {
  const rows = [
    order("old", { pair_id: "p", created_at: "2026-11-21T09:00:00Z" }), order("mid", { created_at: "2026-11-21T09:30:00Z" }), order("new", { pair_id: "p" }),
  ];
  expect(arranged(rows).map(({ id }) => id)).toEqual(["new", "old", "mid"]);
});

it("never shows more than all as filled, and nothing of nothing", () => {
  expect(filledShare({ quantity: "3", filled_quantity: "1" })).toBe("0.3333");
  expect(filledShare({ quantity: "3", filled_quantity: "3" })).toBe("1");
  expect(filledShare({ quantity: "0", filled_quantity: "0" })).toBe("0");
});
