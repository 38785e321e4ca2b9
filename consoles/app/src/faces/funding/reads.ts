// What the rooms of money in and out read and do. What is on its way is read again while it is looked at, and nothing else.

import { useQuery, type UseInfiniteQueryResult, type UseQueryResult } from "@tanstack/react-query";
import { api, ask } from "@/api/client";
import type { KeyHeader } from "@/api/intent";
import { usePages, type Page } from "@/faces/retail/pages";
import { isMoving, isOpen } from "./model";
import type { Deposit, DepositAddress, Entry, Network, NewEntry, Wish, Withdrawal } from "./wire";

const MOVING_MS = 4_000;
const PREPARING_MS = 2_000;
/** A deposit that nobody has seen yet is waited for, not looked for all the time. */
const AWAITED_MS = 15_000;
const WAITING_MS = 60_000;
const NETWORKS_MS = 60_000;
const PAGE = 20;
const NEWEST = 50;

/** What can be paid in and out, and how. */
export function useNetworks(): UseQueryResult<Network[]> {
  return useQuery({ queryKey: ["networks"], staleTime: NETWORKS_MS, queryFn: async () => (await ask(api.GET("/v1/networks"))).items });
}

// ------------------------------------------------------------------------------------------------------------------------ deposits

/** The own address; it is made when it is first asked for, which takes a moment. */
export function useDepositAddress({ asset, network }: Pick<Network, "asset" | "network">): UseQueryResult<DepositAddress> {
  return useQuery({
    queryKey: ["deposit-address", asset, network], staleTime: NETWORKS_MS,
    refetchInterval: ({ state }) => (state.data?.status === "preparing" ? PREPARING_MS : false),
    queryFn: () => ask(api.GET("/v1/deposit-addresses", { params: { query: { asset, network } } })),
  });
}

const readDeposits = (query: { limit: number; cursor?: string; asset?: string; status?: Deposit["status"] }): Promise<Page<Deposit>> => ask(api.GET("/v1/deposits", { params: { query } }));

export function useDeposits(): UseInfiniteQueryResult<Deposit[]> {
  return usePages<Deposit>(
    ["deposits", "list"], (cursor) => readDeposits({ limit: PAGE, ...(cursor === null ? {} : { cursor }) }), (rows) => (rows.some(isMoving) ? MOVING_MS : AWAITED_MS),
  );
}

/** What was credited and may not leave yet. */
export function useCredited(asset: string): UseQueryResult<Deposit[]> {
  return useQuery({
    queryKey: ["deposits", "credited", asset], enabled: asset !== "", refetchInterval: ({ state }) => (state.data?.some(isMoving) ? AWAITED_MS : false),
    queryFn: async () => {
      const found: Deposit[] = [];
      let cursor: string | null = null;
      do {
        const page: Page<Deposit> = await readDeposits({ limit: 100, asset, status: "credited", ...(cursor === null ? {} : { cursor }) });
        found.push(...page.items);
        cursor = page.next_cursor ?? null;
      } while (cursor !== null);
      return found;
    },
  });
}

// --------------------------------------------------------------------------------------------------------------------- withdrawals

const readWithdrawals = (limit: number, cursor: string | null = null): Promise<Page<Withdrawal>> => (
  ask(api.GET("/v1/withdrawals", { params: { query: { limit, ...(cursor === null ? {} : { cursor }) } } }))
);

export function useWithdrawals(): UseInfiniteQueryResult<Withdrawal[]> {
  return usePages<Withdrawal>(["withdrawals", "list"], (cursor) => readWithdrawals(PAGE, cursor), (rows) => (rows.some(isOpen) ? MOVING_MS : false));
}

export function useWithdrawal(id: string): UseQueryResult<Withdrawal> {
  return useQuery({
    queryKey: ["withdrawals", "one", id], refetchInterval: ({ state }) => (state.data === undefined || isOpen(state.data) ? MOVING_MS : false),
    queryFn: () => ask(api.GET("/v1/withdrawals/{id}", { params: { path: { id } } })),
  });
}

export const newestWithdrawals = async (): Promise<Withdrawal[]> => (await readWithdrawals(NEWEST)).items;

/** Which ones there were before one more is asked for: read anew each time, since a lost answer is looked up against it. */
export function useThereBefore(): UseQueryResult<ReadonlySet<string>> {
  return useQuery({
    queryKey: ["withdrawals", "before"], gcTime: 0, staleTime: 0, refetchOnWindowFocus: false,
    queryFn: async () => new Set((await newestWithdrawals()).map(({ id }) => id)),
  });
}

export const withdraw = (body: Wish, header: KeyHeader): Promise<Withdrawal> => ask(api.POST("/v1/withdrawals", { body, params: { header } }));

export const cancel = (id: string): Promise<Withdrawal> => ask(api.DELETE("/v1/withdrawals/{id}", { params: { path: { id } } }));

// -------------------------------------------------------------------------------------------------------------------- address book

export function useBook(): UseQueryResult<Entry[]> {
  return useQuery({
    queryKey: ["address-book"], refetchInterval: ({ state }) => (state.data?.some(({ status }) => status === "waiting") ? WAITING_MS : false),
    queryFn: async () => (await ask(api.GET("/v1/address-book", { params: { query: { limit: 100 } } }))).items.filter(({ status }) => status !== "removed"),
  });
}

export const addEntry = (body: NewEntry, header: KeyHeader): Promise<Entry> => ask(api.POST("/v1/address-book", { body, params: { header } }));

export const removeEntry = (id: string): Promise<Entry> => ask(api.DELETE("/v1/address-book/{id}", { params: { path: { id } } }));

/** What is old once money was asked to leave, or not to. */
export const TOUCHED = ["withdrawals", "balances", "statement"] as const;
