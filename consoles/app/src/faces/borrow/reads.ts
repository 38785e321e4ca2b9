// What the rooms of loans read and do. Prices move, so a loan is read again while it is open.

import { useQueries, useQuery, type UseInfiniteQueryResult, type UseQueryResult } from "@tanstack/react-query";
import { api, ask, type Schemas } from "@/api/client";
import type { KeyHeader } from "@/api/intent";
import { usePages } from "@/faces/retail/pages";
import type { Decimal } from "@/money/decimal";
import type { Movement } from "./model";

export type Product = Schemas["LoanProductOut"];

const PRICE_MS = 3_000;
const LOAN_MS = 5_000;

/** What is offered; a member of staff who looks on is shown more than is needed here. */
export function useProducts(): UseQueryResult<Product[]> {
  return useQuery({ queryKey: ["loan-products"], staleTime: 60_000, queryFn: async () => (await ask(api.GET("/v1/loan-products"))).items });
}

/** The composites of a product's collaterals in the asset it lends. */
export function usePrices(product: Product): ReadonlyMap<string, Decimal> {
  const assets = product.collaterals.map(({ asset }) => asset);
  const quotes = useQueries({
    queries: assets.map((asset) => {
      const symbol = `${asset}-${product.asset}`;
      return {
        queryKey: ["quotes", symbol], refetchInterval: PRICE_MS,
        queryFn: () => ask(api.GET("/v1/markets/{symbol}/quotes", { params: { path: { symbol } } })),
      };
    }),
  });
  return new Map(assets.flatMap((asset, at) => {
    const price = quotes[at]?.data?.composite.price ?? null;
    return price === null ? [] : [[asset, price] as const];
  }));
}

// ----------------------------------------------------------------------------------------------------------------------------- loans

export type Loan = Schemas["LoanOut"];
export type Offer = Schemas["LoanQuoteOut"];
export type Instalment = Schemas["InstalmentOut"];
export type Event = Schemas["LoanEventOut"];
export type Changed = Schemas["WhatIfOut"];
type Wish = Schemas["LoanQuoteIn"];
type Pledge = Schemas["PledgeIn"];
type Payment = Schemas["RepaymentIn"];

export function useLoans(): UseInfiniteQueryResult<Loan[]> {
  return usePages<Loan>(["loans"], (cursor) => ask(api.GET("/v1/loans", {
    params: { query: { limit: 20, ...(cursor === null ? {} : { cursor }) } },
  })), LOAN_MS);
}

const named = (id: string): { params: { path: { id: string } } } => ({ params: { path: { id } } });
const keyed = (id: string, header: KeyHeader): { params: { path: { id: string }; header: KeyHeader } } => ({ params: { path: { id }, header } });

export function useLoan(id: string): UseQueryResult<Loan> {
  return useQuery({ queryKey: ["loan", id], refetchInterval: LOAN_MS, queryFn: () => ask(api.GET("/v1/loans/{id}", named(id))) });
}

export const askForOffer = (body: Wish, header: KeyHeader): Promise<Offer> => ask(api.POST("/v1/loan-quotes", { body, params: { header } }));
export const takeOffer = (quote: string, header: KeyHeader): Promise<Loan> => ask(api.POST("/v1/loans", { body: { quote_id: quote }, params: { header } }));
export const repay = (id: string, body: Payment, header: KeyHeader): Promise<Loan> => ask(api.POST("/v1/loans/{id}/repayments", { body, ...keyed(id, header) }));
export const topUp = (id: string, body: Pledge, header: KeyHeader): Promise<Loan> => ask(api.POST("/v1/loans/{id}/collateral", { body, ...keyed(id, header) }));
export const withdraw = (id: string, body: Pledge, header: KeyHeader): Promise<Loan> => (
  ask(api.POST("/v1/loans/{id}/collateral-withdrawals", { body, ...keyed(id, header) }))
);
export const extend = (id: string, body: Schemas["ExtensionIn"], header: KeyHeader): Promise<Loan> => (
  ask(api.POST("/v1/loans/{id}/extensions", { body, ...keyed(id, header) }))
);
export const setOptions = (id: string, body: Schemas["LoanOptionsIn"]): Promise<Loan> => ask(api.PATCH("/v1/loans/{id}", { body, ...named(id) }));
export const whatIf = (id: string, prices: Record<string, Decimal>, movement: Movement): Promise<Changed> => (
  ask(api.POST("/v1/loans/{id}/what-if", { body: { prices, ...movement }, ...named(id) }))
);

/** The statement as a file, byte for byte as the server made it. */
export const loadStatement = (id: string, format: "pdf" | "csv" | "json"): Promise<Blob> => ask<Blob>(api.GET("/v1/loans/{id}/statement", {
  params: { path: { id }, query: { format } }, parseAs: "blob",
}));
