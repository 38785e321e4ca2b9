// What the rooms of fixed-income products read and do. Quotas go and sales close, so an offer is read again while it is looked at.

import { keepPreviousData, useQuery, type UseInfiniteQueryResult, type UseQueryResult } from "@tanstack/react-query";
import { api, ask, idempotencyKey, type Schemas } from "@/api/client";
import type { KeyHeader } from "@/api/intent";
import { usePages } from "@/faces/retail/pages";
import type { Decimal } from "@/money/decimal";

const OFFER_MS = 15_000;
const MINE_MS = 15_000;
const MOST_OFFERS = 100;

type Sent = Schemas["EarnInstanceOut"];

/** `ahead`: by how many milliseconds the house's time is ahead of this page's, at most. */
export type Offer = Sent & { ahead: number };
export type Preview = Schemas["OfferPreviewOut"];
export type PlanRow = Schemas["PlanRowOut"];
export type Subscription = Schemas["SubscriptionOut"];
export type Redemption = Schemas["RedemptionOut"];
export type Wish = Schemas["SubscriptionIn"];
export type Coupon = Schemas["MyCouponOut"];
export type Renewal = Subscription["renewal"];

/** Counted from when the question was sent, so a slow answer makes a countdown end too early and never too late. */
const timed = (sent: Sent, asked: number): Offer => ({ ...sent, ahead: Date.parse(sent.at) - asked });

/** What is sold or will be, the sale that closes first at the top. */
export function useOffers(): UseQueryResult<Offer[]> {
  return useQuery({ queryKey: ["earn-offers"], refetchInterval: OFFER_MS, queryFn: async () => {
    const asked = Date.now();
    const { items } = await ask(api.GET("/v1/earn/instances", { params: { query: { limit: MOST_OFFERS } } }));
    return items.map((sent) => timed(sent, asked));
  } });
}

export async function readOffer(id: string): Promise<Offer> {
  const asked = Date.now();
  return timed(await ask(api.GET("/v1/earn/instances/{id}", { params: { path: { id } } })), asked);
}

export function useOffer(id: string): UseQueryResult<Offer> {
  return useQuery({ queryKey: ["earn-offer", id], refetchInterval: OFFER_MS, queryFn: () => readOffer(id) });
}

/** The plan of an amount, with a coupon or without; of the minimum it tells at least what one may still have. */
export function usePreview(offer: Pick<Offer, "id" | "version">, principal: Decimal, coupon_id: string | null): UseQueryResult<Preview> {
  return useQuery({
    queryKey: ["earn-preview", offer.id, offer.version, principal, coupon_id], refetchInterval: OFFER_MS, placeholderData: keepPreviousData,
    queryFn: () => ask(api.POST("/v1/earn/instances/{id}/preview", { body: { principal, coupon_id }, params: { path: { id: offer.id } } })),
  });
}

/** The coupons that one can use now. */
export function useCoupons(): UseQueryResult<Coupon[]> {
  return useQuery({ queryKey: ["earn-coupons"], queryFn: async () => (await ask(api.GET("/v1/earn/coupons/mine"))).items });
}

export const subscribe = (body: Wish, header: KeyHeader): Promise<Subscription> => ask(api.POST("/v1/earn/subscriptions", { body, params: { header } }));

// ---------------------------------------------------------------------------------------------------------------------------- mine

type Status = Subscription["status"];

async function readPage(cursor: string | null, status: Status | null, limit: number): Promise<Schemas["Page_SubscriptionOut_"]> {
  return ask(api.GET("/v1/earn/subscriptions", { params: { query: { limit, ...(cursor === null ? {} : { cursor }), ...(status === null ? {} : { status }) } } }));
}

/** All that run, since their payouts are added up; page after page, each with its plans. */
export function useRunning(): UseQueryResult<Subscription[]> {
  return useQuery({ queryKey: ["earn-mine", "running"], refetchInterval: MINE_MS, queryFn: async () => {
    const found: Subscription[] = [];
    let cursor: string | null = null;
    do {
      const page: Schemas["Page_SubscriptionOut_"] = await readPage(cursor, "active", 100);
      found.push(...page.items);
      cursor = page.next_cursor ?? null;
    } while (cursor !== null);
    return found;
  } });
}

/** All there ever were, newest first. */
export const useEvery = (): UseInfiniteQueryResult<Subscription[]> => usePages<Subscription>(["earn-mine", "every"], (cursor) => readPage(cursor, null, 20), MINE_MS);

export function useSubscription(id: string): UseQueryResult<Subscription> {
  return useQuery({ queryKey: ["earn-mine", "one", id], refetchInterval: MINE_MS, queryFn: () => ask(api.GET("/v1/earn/subscriptions/{id}", { params: { path: { id } } })) });
}

const redemption = (id: string, preview: boolean, header: KeyHeader): Promise<Redemption> => (
  ask(api.POST("/v1/earn/subscriptions/{id}/redemptions", { body: { preview }, params: { path: { id }, header } }))
);

/** What an early end would bring now; asked again while it is looked at, since a day may begin. */
export function useRedemption(id: string): UseQueryResult<Redemption> {
  return useQuery({
    queryKey: ["earn-redemption", id], refetchInterval: MINE_MS, staleTime: 0, gcTime: 0,
    queryFn: () => redemption(id, true, { "Idempotency-Key": idempotencyKey() }),
  });
}

export const redeem = (id: string, header: KeyHeader): Promise<Redemption> => redemption(id, false, header);

/** What happens at the maturity; the same choice again changes nothing. */
export const chooseRenewal = (id: string, renewal: Renewal): Promise<Subscription> => (
  ask(api.PUT("/v1/earn/subscriptions/{id}/renewal", { body: { renewal }, params: { path: { id } } }))
);

/** What is old once something was bought or ended. */
export const TOUCHED = ["earn-offers", "earn-offer", "earn-mine", "earn-coupons", "balances"] as const;
