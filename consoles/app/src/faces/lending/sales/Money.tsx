// From what the venues paid to where it went: debt by its parts, our fee, the customer's surplus; and who bears what is missing.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Empty } from "@/kit/states";
import { Table } from "@/kit/Table";
import { Amount, Pill } from "@/kit/values";
import { isZero, type Decimal } from "@/money/decimal";
import { addsUp, divisionOf, earnedBy, owedOf, PARTS, type Division } from "./model";
import type { Story } from "./reads";

interface Row {
  key: string;
  name: string;
  amount: Decimal;
  asset: string;
  /** What the rows above come to. */
  sum?: boolean;
}

export function Money({ story }: { story: Story }): ReactNode {
  const { t } = useTranslation("lending_sales");
  const division = divisionOf(story);
  const rows = useRows(division, story.asset);
  if (division === null) return <Empty title={t("money.not_yet")} />;
  const whole = addsUp(division, owedOf(story), earnedBy(story.sales));
  return (
    <div className="stack">
      <Table name={t("money.title")} rows={rows} rowKey={(row) => row.key} file="liquidation-settlement" columns={[
        { key: "name", title: t("money.what"), cell: (row) => (row.sum === true ? <strong>{row.name}</strong> : row.name), csv: (row) => row.name },
        { key: "amount", title: t("money.amount"), end: true, csv: (row) => row.amount,
          cell: (row) => (row.sum === true ? <strong><Amount value={row.amount} /></strong> : <Amount value={row.amount} />) },
        { key: "asset", title: t("money.asset"), cell: (row) => row.asset, csv: (row) => row.asset },
      ]} />
      <p className="row"><Pill tone={whole ? "good" : "bad"}>{t(whole ? "money.whole" : "money.broken")}</Pill><span className="dim">{t("money.checked")}</span></p>
    </div>
  );
}

function useRows(division: Division | null, asset: string): Row[] {
  const { t } = useTranslation("lending_sales");
  if (division === null) return [];
  const row = (key: string, amount: Decimal, sum = false): Row => ({ key, name: t(`money.${key}`), amount, asset, ...(sum ? { sum } : {}) });
  const some = (key: string, amount: Decimal): Row[] => (isZero(amount) ? [] : [row(key, amount)]);
  return [
    row("sold", division.sold),
    ...division.takenOver.map((dust) => ({ key: `dust ${dust.asset}`, amount: dust.paid, asset, name: t("money.taken_over", { quantity: dust.quantity, asset: dust.asset, price: dust.price, quote: asset }) })),
    row("proceeds", division.proceeds, true),
    ...PARTS.map((part) => row(`paid_${part}`, division.paid[part])),
    row("fee", division.fee),
    row("surplus", division.surplus, true),
    ...(division.goesOn === null ? [] : [row("goes_on", division.goesOn, true)]),
    ...(isZero(division.shortfall) ? [] : [row("shortfall", division.shortfall, true), row("insured", division.insured), row("lost", division.lost), ...some("unearned", division.unearned)]),
    ...division.returned.map(({ asset: kind, quantity }) => ({ key: `back ${kind}`, name: t(division.goesOn === null ? "money.returned" : "money.stays"), amount: quantity, asset: kind })),
  ];
}
