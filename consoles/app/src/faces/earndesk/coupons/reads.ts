import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { api, ask } from "@/api/client";
import { usePages, type Pages } from "@/faces/finance/parts/pages";
import type { Coupon } from "./draft";

const EVERY_MS = 5_000;

export function useCoupons(): Pages<Coupon> {
  return usePages(["earn", "coupons"], (cursor) => ask(api.GET("/v1/earn/coupons", { params: { query: { cursor, limit: 50 } } })), () => EVERY_MS);
}

export function useCoupon(id: string): UseQueryResult<Coupon> {
  return useQuery({ queryKey: ["earn", "coupons", "one", id], refetchInterval: EVERY_MS, queryFn: () => ask(api.GET("/v1/earn/coupons/{id}", { params: { path: { id } } })) });
}
