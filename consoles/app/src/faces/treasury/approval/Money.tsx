// What a second person agrees to where money leaves or finds its owner: how much and where to stand large, every other field below, none left out.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Told } from "@/faces/earndesk/approval/Product";
import { Address } from "@/faces/funding/Address";
import { isEmpty, Said, useFieldName } from "@/faces/staff/approvals/words";
import { Amount, Facts } from "@/kit/values";
import { Customer } from "../money/parts";
import { useNetworkName } from "../money/reads";
import { placeName } from "../place";
import { Reasons } from "../withdrawals/words";
import "../treasury.css";

type Summary = Record<string, unknown>;

export default function Money({ summary, kind }: Told): ReactNode {
  const { t } = useTranslation("treasury_wallet");
  const fieldName = useFieldName();
  const asked = summary as Summary;
  const { amount, asset } = asked;
  const large = typeof amount === "string" && typeof asset === "string";
  const rest = Object.entries(asked).filter(([field, value]) => !isEmpty(value) && !(large && (field === "amount" || field === "asset")));
  return (
    <div className="stack">
      {large && <p className="treasury-large" aria-label={t("col.amount")}><Amount value={amount} asset={asset} /></p>}
      <Facts rows={rest.map(([field, value]) => [fieldName(kind, field), <Field key={field} field={field} value={value} of={asked} />] as const)} />
    </div>
  );
}

const ADDRESSES = new Set(["address", "memo", "txid"]);
const PLACES = new Set(["from", "to", "venue"]);
const CUSTOMERS = new Set(["customer", "customer_id", "receiver"]);

function Field({ field, value, of }: { field: string; value: unknown; of: Summary }): ReactNode {
  const { t } = useTranslation("treasury_wallet");
  const network = useNetworkName();
  if (field === "review" && Array.isArray(value)) return <Reasons of={value.map(String)} />;
  if (typeof value !== "string") return <Said value={value} />;
  if (ADDRESSES.has(field)) return <Address of={value} />;
  if (value === "cold" || value === "hot") return t(`place.${value}`);
  if (PLACES.has(field)) return placeName(value.includes(":") ? value : `venue:${value}`);
  if (CUSTOMERS.has(field)) return <Customer id={value} />;
  if (field === "network") return network(value);
  if (field === "fee" || field === "missing" || field === "sent") return <Amount value={value} {...(typeof of["asset"] === "string" ? { asset: of["asset"] } : {})} />;
  if (field === "value") return <Amount value={value} />;
  if (field === "status") return t(`deposit.status.${value}`, { defaultValue: value });
  if (field === "reason") return t(`deposit.why.${value}`, { defaultValue: value });
  return <Said value={value} />;
}
