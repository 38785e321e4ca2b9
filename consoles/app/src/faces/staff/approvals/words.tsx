// How what is asked for is said: its kind and its fields in the reader's words, and whatever has none as it is written.

import i18n from "i18next";
import { Suspense, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import type { Told } from "@/faces/earndesk/approval/Product";
import { part } from "@/kit/part";
import { Skeleton } from "@/kit/states";
import { Facts, Id, Pill, type Tone } from "@/kit/values";
import { useSession } from "@/session/session";

export type Approval = Schemas["ApprovalOut"];
export type State = Approval["state"];

export const STATES = ["requested", "granted", "carried_out", "failed", "rejected", "expired", "void"] as const satisfies readonly State[];
export const KINDS = [
  "payments.transfer", "payments.import", "payments.break", "identity.policy", "identity.country_rule",
  "identity.factors_reset", "identity.email_change", "identity.account_reopen", "identity.staff_new", "identity.staff_roles",
  "lending.product", "lending.entered_price", "lending.write_off", "lending.funding_line", "lending.funding_change", "earn.template",
  "earn.coupon", "wallet.deposit_release", "wallet.deposit_refund", "wallet.suspense", "wallet.withdrawal", "wallet.treasury_transfer", "wallet.treasury_address",
  "wallet.cold_spend",
  "wallet.treasury_settlement", "wallet.treasury_decision", "wallet.withdrawal_decision",
] as const;
const TONES: Record<State, Tone> = { requested: "warn", granted: "info", carried_out: "good", failed: "bad", rejected: "bad", expired: "plain", void: "plain" };

const keyOf = (kind: string): string => kind.replaceAll(".", "_");

export function useKind(): (kind: string) => string {
  const { t } = useTranslation("staff");
  return (kind) => t(`kind.${keyOf(kind)}`, { defaultValue: kind });
}

export function StateOf({ approval }: { approval: Approval }): ReactNode {
  const { t } = useTranslation("staff");
  return <Pill tone={TONES[approval.state]}>{t(`state.${approval.state}`)}</Pill>;
}

/** A person by name; one recognises oneself. */
export function Person({ id, name }: { id: string | null; name: string | null }): ReactNode {
  const { t } = useTranslation("staff");
  const { me } = useSession();
  if (id === null) return <span className="dim">–</span>;
  return <span title={id}>{name ?? <Id value={id} />}{id === me?.id && <> <Pill tone="info">{t("you")}</Pill></>}</span>;
}

const plain = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
export const isEmpty = (value: unknown): boolean => value === null || value === "" || (typeof value === "object" && Object.keys(value).length === 0);

/** What is too much for a list of fields is told by the face that it belongs to: loaded by those only who are asked about it. */
const Money = part(() => import("@/faces/treasury/approval/Money"));
const TOLD: Record<string, (props: Told) => ReactNode> = {
  "wallet.withdrawal": Money,
  "wallet.treasury_transfer": Money,
  "wallet.treasury_address": Money,
  "wallet.deposit_release": Money,
  "wallet.deposit_refund": Money,
  "wallet.suspense": Money,
  "wallet.cold_spend": Money,
  "wallet.withdrawal_decision": Money,
  "wallet.treasury_settlement": Money,
  "wallet.treasury_decision": Money,
  "earn.template": part(() => import("@/faces/earndesk/approval/Product")),
  "earn.coupon": part(() => import("@/faces/earndesk/approval/Coupon")),
};

/** All that is asked for and that the digest covers; only what is empty is left out. */
export function Summary({ of, brief = false }: { of: Approval; brief?: boolean }): ReactNode {
  const Whole = TOLD[of.kind];
  if (Whole === undefined) return <Fields of={of} />;
  return <Suspense fallback={<Skeleton />}><Whole kind={of.kind} id={of.resource_id} summary={of.summary} open={of.state === "requested" || of.state === "granted"} brief={brief} /></Suspense>;
}

/** What a field of a kind is called. */
export function useFieldName(): (kind: string, field: string) => string {
  const { t } = useTranslation("staff");
  return (kind, field) => {
    const key = [`field_of.${keyOf(kind)}.${field}`, `field.${field}`].find((one) => i18n.exists(`staff:${one}`));
    return key === undefined ? field : t(key);
  };
}

function Fields({ of }: { of: Approval }): ReactNode {
  const name = useFieldName();
  const rows = Object.entries(of.summary).filter(([, value]) => !isEmpty(value));
  return <Facts rows={rows.map(([field, value]) => [name(of.kind, field), <Said key={field} value={value} />] as const)} />;
}

/** One value; what has parts of its own is told part by part. */
export function Said({ value }: { value: unknown }): ReactNode {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return <code>{plain(value)}</code>;
  return (
    <ul className="staff-parts">
      {Object.entries(value as Record<string, unknown>).map(([part, inner]) => <li key={part}><span className="dim">{part}</span> <Said value={inner} /></li>)}
    </ul>
  );
}

/** The one line of a list. */
export function lineOf(approval: Approval): string {
  const { amount, asset, file_key: file, rows } = approval.summary;
  if (typeof amount === "string" && typeof asset === "string") return `${amount} ${asset}`;
  if (typeof file === "string") return typeof rows === "number" ? `${file} (${String(rows)})` : file;
  return Object.values(approval.summary).flat().filter((value) => typeof value === "string" && value !== "").slice(0, 3).join(" · ");
}
