// The routes of cold spends as they are agreed on, until the generated types have them.

import type { Client } from "openapi-fetch";
import { api } from "@/api/client";
import type { KeyHeader } from "@/api/intent";
import type { Decimal } from "@/money/decimal";

export type ColdState = "waiting_approval" | "asked" | "drafted" | "signed" | "broadcast" | "confirming" | "final" | "failed" | "cancelled" | "refused";

export interface ColdInput {
  txid: string;
  output: number;
  amount: Decimal;
}

export interface ColdPays {
  address: string;
  amount: Decimal;
  change: boolean;
}

/** What the bytes that are signed say, and whether that is what was asked for. */
export interface Draft {
  kind: "psbt" | "safe";
  digest: string;
  wallet: string;
  inputs: ColdInput[];
  pays: ColdPays[];
  fee: Decimal | null;
  nonce: number | null;
  needed: number;
  holders: string[];
  signed_by: string[];
  to_sign: string;
  matches: boolean;
  differences: string[];
}

export interface Signature {
  id: string;
  state: "sent" | "counted" | "refused";
  reason: string | null;
  handed_in_by: string;
  at: string;
}

export interface ColdSpend {
  id: string;
  network: string;
  asset: string;
  amount: Decimal;
  fee_cap: Decimal;
  state: ColdState;
  reason: string | null;
  address: string | null;
  txid: string | null;
  confirmations: number;
  can_cancel: boolean;
  created_by: string;
  approved_by: string | null;
  created_at: string;
  approved_at: string | null;
  ended_at: string | null;
}

export interface ColdDetail extends ColdSpend {
  approval_id: string | null;
  draft: Draft | null;
  signatures: Signature[];
}

/** Into the hot wallet. */
export interface Wish {
  network: string;
  asset: string;
  amount: Decimal;
  fee_cap: Decimal;
}

interface Answer<T> { content: { "application/json": T } }
interface One { parameters: { path: { id: string } } }
interface KeyedOne { parameters: { path: { id: string }; header: KeyHeader } }
interface Body<T> { requestBody: { content: { "application/json": T } } }

interface Paths {
  "/v1/treasury/cold-spends": {
    get: { parameters: { query: { limit: number; cursor?: string } }; responses: { 200: Answer<{ items: ColdSpend[]; next_cursor?: string | null }> } };
    post: { parameters: { header: KeyHeader } } & Body<Wish> & { responses: { 202: Answer<ColdDetail> } };
  };
  "/v1/treasury/cold-spends/{id}": {
    get: One & { responses: { 200: Answer<ColdDetail> } };
    delete: KeyedOne & { responses: { 200: Answer<ColdDetail> } };
  };
  "/v1/treasury/cold-spends/{id}/signatures": { post: KeyedOne & Body<{ signed: string }> & { responses: { 202: Answer<ColdDetail> } } };
}

export const cold = api as unknown as Client<Paths>;
