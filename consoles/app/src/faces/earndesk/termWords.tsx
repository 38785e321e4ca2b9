// Terms in the reader's words: each value said as people say it, in one list, or beside another version's.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Table } from "@/kit/Table";
import { Facts, Pill } from "@/kit/values";
import { isZero, mul } from "@/money/decimal";
import { formatExact } from "@/money/format";
import { useSettings } from "@/settings/settings";
import { differences, FIELDS, STEPS, tenorOf, unknownFields, valueOf, type Promised, type Tier } from "./terms";

const AMOUNTS = new Set(["daily_quota", "minimum", "step", "customer_cap", "customer_day_cap"]);
const CHOICES = new Set(["payout", "day_count", "early"]);
/** Names of other products, by id; one that is not known is told by its id. */
export type Names = ReadonlyMap<string, string>;
const NOBODY: Names = new Map();

/** How a term is called. */
export function useTermName(): (field: string) => string {
  const { t } = useTranslation("earndesk_terms");
  return (field) => t(`term.${field}`, { defaultValue: field });
}

/** A rate, or the rate of each part of the principal. */
export function useRate(): (tiers: readonly Tier[], asset: string) => string {
  const { t } = useTranslation("earndesk_terms");
  const { settings } = useSettings();
  const exact = (amount: string): string => formatExact(amount, settings.language);
  const percent = (share: string): string => `${exact(mul(share, "100"))} %`;
  return (tiers, asset) => (tiers.length === 1
    ? percent(tiers[0]?.apr ?? "0")
    : tiers.map(({ above, apr }, place) => {
      const next = tiers[place + 1];
      return place === 0 && next !== undefined ? t("said.first_tier", { apr: percent(apr), upto: exact(next.above), asset }) : t("said.tier", { apr: percent(apr), above: exact(above), asset });
    }).join("; "));
}

/** One value in words. */
export function useSaid(names: Names = NOBODY): (promise: Promised, field: string) => string {
  const { t } = useTranslation("earndesk_terms");
  const { settings } = useSettings();
  const tiered = useRate();
  const exact = (amount: string): string => formatExact(amount, settings.language);
  const percent = (share: string): string => `${exact(mul(share, "100"))} %`;
  const several = (words: readonly string[]): string => words.join(t("said.and"));
  return (promise, field) => {
    const value = valueOf(promise, field);
    const { terms, asset } = promise;
    if (field === "effective_from") return promise.effective_from ?? t("said.at_once");
    if (field === "tiers") return tiered(terms.tiers, asset);
    if (field === "tenor") return t(`said.tenor.${tenorOf(terms.tenor).unit}`, { count: JSON.parse(tenorOf(terms.tenor).count || "0") as number });
    if (field === "lag_days") return t("said.lag", { count: terms.lag_days });
    if (field === "holidays") return terms.holidays.length === 0 ? t("said.none") : terms.holidays.join(", ");
    if (field === "renewals") return several(terms.renewals.map((one) => t(`renewal.${one}`)));
    if (field === "penal_rate") return isZero(terms.penal_rate) ? t("said.none") : percent(terms.penal_rate);
    if (field === "move_to") return terms.move_to === null ? t("said.nowhere") : names.get(terms.move_to) ?? terms.move_to;
    if (value === null) return t("said.no_limit");
    if (AMOUNTS.has(field) && typeof value === "string") return `${exact(value)} ${asset}`;
    if (CHOICES.has(field) && typeof value === "string") return t(`${field}.${value}`, { defaultValue: value });
    return typeof value === "string" ? value : JSON.stringify(value);
  };
}

/** All of it, question by question. */
export function TermsSheet({ promise, names }: { promise: Promised; names?: Names }): ReactNode {
  const { t } = useTranslation("earndesk_terms");
  const said = useSaid(names);
  const nameOf = useTermName();
  const other = unknownFields(promise);
  const rows = (fields: readonly string[]): (readonly [string, string])[] => fields.map((field) => [nameOf(field), said(promise, field)] as const);
  return (
    <div className="earndesk-sheet">
      {STEPS.map(({ id, fields }) => (
        <section key={id} aria-label={t(`step.${id}`)}>
          <h3>{t(`sheet.${id}`)}</h3>
          <Facts rows={rows(id === "check" ? [...fields, ...other] : fields)} />
        </section>
      ))}
    </div>
  );
}

/** Where two versions differ; everything else is the same. */
export function Differences({ name, of, than, titles, names }: { name: string; of: Promised; than: Promised; titles: readonly [string, string]; names?: Names }): ReactNode {
  const { t } = useTranslation("earndesk_terms");
  const said = useSaid(names);
  const nameOf = useTermName();
  const fields = differences(than, of);
  if (fields.length === 0) return <p><Pill>{t("diff.none")}</Pill></p>;
  return (
    <div className="earndesk-diff">
      <Table name={name} rows={fields} rowKey={(field) => field} columns={[
        { key: "term", title: t("diff.term"), wrap: true, cell: (field) => <strong>{nameOf(field)}</strong> },
        { key: "before", title: titles[0], wrap: true, cell: (field) => <del>{said(than, field)}</del> },
        { key: "after", title: titles[1], wrap: true, cell: (field) => <ins>{said(of, field)}</ins> },
      ]} />
      <p className="dim">{t("diff.same", { count: FIELDS.length - fields.length })}</p>
    </div>
  );
}
