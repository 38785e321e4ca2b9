// What a second person agrees to where money leaves, finds its owner or is found out about: how much and where to stand large, what it does
// to the money where people's word books it, every other field below, none left out.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Told } from "@/faces/earndesk/approval/Product";
import { Address } from "@/faces/funding/Address";
import { isEmpty, Said, useFieldName } from "@/faces/staff/approvals/words";
import { Amount, Facts } from "@/kit/values";
import { Customer } from "../money/parts";
import { useNetworkName } from "../money/reads";
import type { Verdict } from "../money/verdict";
import { placeName } from "../place";
import { Books, Moves } from "../transfers/words";
import { Does, Reasons } from "../withdrawals/words";
import "../treasury.css";

type Summary = Record<string, unknown>;

export default function Money({ summary, kind }: Told): ReactNode {
  const { t } = useTranslation(["treasury_wallet", "treasury_moves"]);
  const fieldName = useFieldName();
  const asked = summary as Summary;
  const { amount, asset } = asked;
  const large = typeof amount === "string" && typeof asset === "string";
  const rest = Object.entries(asked).filter(([field, value]) => !isEmpty(value) && !(large && (field === "amount" || field === "asset")));
  return (
    <div className="stack">
      {large && <p className="treasury-large" aria-label={t("col.amount")}><Amount value={amount} asset={asset} /></p>}
      <Effect of={asked} />
      <Facts rows={rest.map(([field, value]) => [fieldName(kind, field), <Field key={field} kind={kind} field={field} value={value} of={asked} />] as const)} />
    </div>
  );
}

const texts = (of: Summary, ...fields: string[]): string[] | null => {
  const values = fields.map((field) => of[field]);
  return values.every((value) => typeof value === "string") ? values : null;
};

/** What two people's word books, in a sentence. */
function Effect({ of }: { of: Summary }): ReactNode {
  const told = typeof of["verdict"] === "string" ? of["verdict"] as Verdict : null;
  const [left, received = "", there = "", coin = ""] = texts(of, "left", "received", "to", "asset") ?? [];
  if (told === null) return left === undefined ? null : <Books left={left} received={received} asset={coin} to={place(there)} />;
  const [amount = "", asset = "", fee] = texts(of, "amount", "asset", "fee") ?? [];
  if (fee !== undefined) return <Does verdict={told} amount={amount} fee={fee} asset={asset} />;
  const [sum = "0", inAsset = "", from = "", to = ""] = texts(of, "amount", "asset", "from", "to") ?? [];
  return <Moves verdict={told} amount={sum} asset={inAsset} from={place(from)} to={place(to)} />;
}

const place = (name: string): string => placeName(name.includes(":") ? name : `venue:${name}`);

const STATES: Record<string, string> = {
  "wallet.withdrawal_decision": "withdrawal.state", "wallet.treasury_settlement": "treasury_moves:state", "wallet.treasury_decision": "treasury_moves:state",
};

const ADDRESSES = new Set(["address", "memo", "txid"]);
const PLACES = new Set(["from", "to", "venue"]);
const SUMS = new Set(["fee", "missing", "sent", "left", "arrived", "received"]);
const CUSTOMERS = new Set(["customer", "customer_id", "receiver"]);

function Field({ kind, field, value, of }: { kind: string; field: string; value: unknown; of: Summary }): ReactNode {
  const { t } = useTranslation(["treasury_wallet", "treasury_moves"]);
  const network = useNetworkName();
  if (field === "review" && Array.isArray(value)) return <Reasons of={value.map(String)} />;
  if (typeof value !== "string") return <Said value={value} />;
  if (ADDRESSES.has(field)) return <Address of={value} />;
  if (value === "cold" || value === "hot") return t(`place.${value}`);
  if (PLACES.has(field)) return place(value);
  if (CUSTOMERS.has(field)) return <Customer id={value} />;
  if (field === "network") return network(value);
  if (SUMS.has(field)) return <Amount value={value} {...(typeof of["asset"] === "string" ? { asset: of["asset"] } : {})} />;
  if (field === "value") return <Amount value={value} />;
  if (field === "status") return t(`deposit.status.${value}`, { defaultValue: value });
  if (field === "state") return t(`${STATES[kind] ?? "withdrawal.state"}.${value}`, { defaultValue: value });
  if (field === "verdict") return t(`manual.verdicts.${value}`, { defaultValue: value });
  if (field === "evidence") return value;
  if (field === "reason") return t(`deposit.why.${value}`, { defaultValue: value });
  return <Said value={value} />;
}
