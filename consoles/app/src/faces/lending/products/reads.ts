// What the rooms of products read, and what the server says about a product that is being typed.

import { keepPreviousData, useQuery, type UseQueryResult } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, ask, type Schemas } from "@/api/client";
import { Refusal } from "@/api/problem";
import type { Body, Product } from "./draft";

const PAUSE_MS = 350;

export interface Fault {
  field: string;
  message: string;
  code?: string;
}

export interface Examined {
  faults: readonly Fault[];
  examples: readonly Schemas["ProductExampleOut"][];
}

export function useProducts(): UseQueryResult<Product[]> {
  return useQuery({
    queryKey: ["loan-products"],
    queryFn: async () => (await ask(api.GET("/v1/loan-products"))).items.filter((one): one is Product => "terms" in one),
    refetchInterval: 10_000,
  });
}

/** What was typed, once the typing pauses. */
function usePaused<T>(value: T): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => { setSettled(value); }, PAUSE_MS);
    return () => { clearTimeout(timer); };
  }, [value]);
  return settled;
}

/** Everything that is wrong with a refused body, by field; the first part of an unreadable one's names is the body itself. */
export function faultsOf(error: unknown): readonly Fault[] | null {
  if (!(error instanceof Refusal) || error.problem.errors === undefined) return null;
  return error.problem.errors.map(({ field, ...rest }) => ({ ...rest, field: field.replace(/^body\./, "") }));
}

/** Asked after each pause; the answer before stays on the screen meanwhile. */
export function useExamined(body: Body, prices: Record<string, string>): UseQueryResult<Examined> {
  const wish = usePaused(JSON.stringify({ ...body, prices }));
  return useQuery({
    queryKey: ["loan-products", "lines", wish],
    placeholderData: keepPreviousData,
    queryFn: async () => {
      try {
        const said = await ask(api.POST("/v1/loan-products:lines", { body: JSON.parse(wish) as Schemas["ProductLinesIn"] }));
        return { faults: said.errors, examples: said.collaterals };
      } catch (error) {
        const faults = faultsOf(error);
        if (faults === null) throw error;
        return { faults, examples: [] };
      }
    },
  });
}
