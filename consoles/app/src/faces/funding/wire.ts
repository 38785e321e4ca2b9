// The wallet's routes as they are agreed on, until the generated types have them.

import type { Client } from "openapi-fetch";
import { api, type Schemas } from "@/api/client";
import type { KeyHeader } from "@/api/intent";
import type { Decimal } from "@/money/decimal";

export type Network = Schemas["NetworkOut"];

export interface DepositAddress {
  asset: string;
  network: string;
  address: string | null;
  memo: string | null;
  status: "ready" | "preparing";
  minimum: Decimal;
  confirmations: number;
  created_at: string;
}

export type DepositStatus =
  "seen" | "confirming" | "credited" | "final" | "held" | "released" | "refunding" | "orphaned" | "reversed" | "below_minimum" | "suspense";

export interface Deposit {
  id: string;
  asset: string;
  network: string;
  amount: Decimal;
  address: string;
  memo: string | null;
  txid: string;
  status: DepositStatus;
  confirmations: number;
  confirmations_to_credit: number;
  confirmations_to_final: number;
  reason: string | null;
  seen_at: string;
  credited_at: string | null;
  final_at: string | null;
}

export type WithdrawalState =
  "review" | "approved" | "reserved" | "sent" | "signed" | "broadcast" | "confirming" | "final" | "rejected" | "cancelled" | "failed"
  | "unknown" | "not_placed" | "manual";
export type WithdrawalStatus = "in_review" | "processing" | "sending" | "on_the_chain" | "completed" | "rejected" | "cancelled" | "failed";

export interface WithdrawalStep {
  name: WithdrawalState;
  at: string;
}

export interface Withdrawal {
  id: string;
  asset: string;
  network: string;
  amount: Decimal;
  fee: Decimal;
  total: Decimal;
  address: string;
  memo: string | null;
  label: string;
  internal: boolean;
  state: WithdrawalState;
  status: WithdrawalStatus;
  steps: WithdrawalStep[];
  txid: string | null;
  confirmations: number;
  explorer_url: string | null;
  reason: string | null;
  can_cancel: boolean;
  cancelling: boolean;
  created_at: string;
  updated_at: string;
}

export interface Wish {
  asset: string;
  network: string;
  amount: Decimal;
  address_id: string;
}

export interface Entry {
  id: string;
  network: string;
  address: string;
  memo: string | null;
  label: string;
  status: "waiting" | "active" | "removed";
  active_from: string;
  created_at: string;
}

export interface NewEntry {
  network: string;
  address: string;
  memo: string | null;
  label: string;
}

export interface Page<T> {
  items: T[];
  next_cursor?: string | null;
}

interface Answer<T> {
  content: { "application/json": T };
}
interface Read<T, Query = never> {
  parameters: { query?: Query };
  responses: { 200: Answer<T> };
}
interface One { parameters: { path: { id: string } } }
interface Keyed { parameters: { header: KeyHeader } }
interface Body<T> { requestBody: { content: { "application/json": T } } }
interface Listed { limit?: number; cursor?: string }

interface Paths {
  "/v1/deposit-addresses": { get: { parameters: { query: { asset: string; network: string } }; responses: { 200: Answer<DepositAddress>; 202: Answer<DepositAddress> } } };
  "/v1/deposits": { get: Read<Page<Deposit>, Listed & { asset?: string; status?: DepositStatus }> };
  "/v1/withdrawals": { get: Read<Page<Withdrawal>, Listed>; post: Keyed & Body<Wish> & { responses: { 201: Answer<Withdrawal> } } };
  "/v1/withdrawals/{id}": { get: One & { responses: { 200: Answer<Withdrawal> } }; delete: One & { responses: { 200: Answer<Withdrawal> } } };
  "/v1/address-book": { get: Read<Page<Entry>, Listed>; post: Keyed & Body<NewEntry> & { responses: { 201: Answer<Entry> } } };
  "/v1/address-book/{id}": { delete: One & { responses: { 200: Answer<Entry> } } };
}

export const wallet = api as unknown as Client<Paths>;
