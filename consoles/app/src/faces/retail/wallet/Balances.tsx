import type { ReactNode } from "react";
import { useWords, type Words } from "@/faces/retail/words";
import { useAge, useFeedStatus } from "@/feed/hooks";
import { Panel } from "@/kit/Panel";
import { Empty, Loaded } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Amount, Pill } from "@/kit/values";
import { isZero, total, type Decimal } from "@/money/decimal";
import { useBalances, type Balance } from "./balances";
import { CURRENCY, useWorth } from "./useWorth";

export function Balances(): ReactNode {
  const words = useWords("wallet");
  const { t } = words;
  const query = useBalances();
  const worthOf = useWorth();
  const heard = useAge("balances") !== null;
  const live = useFeedStatus() === "live" && heard;
  return (
    <Panel title={t("wallet:wallet.balances")} actions={live && <Pill tone="good">{t("common:connection.live")}</Pill>}>
      <Loaded query={query} empty={<Empty title={t("wallet:wallet.none")} />}>
        {(balances) => (
          <div className="stack">
            <Total balances={balances} worthOf={worthOf} />
            <Table name={t("wallet:wallet.balances")} rows={balances} rowKey={(b) => b.asset} file="balances" columns={columnsOf(words, worthOf)} />
            <p className="dim">{t("wallet:wallet.held_means")}</p>
          </div>
        )}
      </Loaded>
    </Panel>
  );
}

type WorthOf = (balance: Balance) => Decimal | null;

function Total({ balances, worthOf }: { balances: readonly Balance[]; worthOf: WorthOf }): ReactNode {
  const { t, about } = useWords("wallet");
  const worth = balances.map((balance) => ({ asset: balance.asset, value: worthOf(balance), none: isZero(balance.posted) }));
  const missing = worth.filter(({ value, none }) => value === null && !none).map(({ asset }) => asset);
  return (
    <div>
      <p className="dim">{t("wallet:wallet.total")}</p>
      <p className="retail-sum number">≈ {about(total(worth.flatMap(({ value }) => (value === null ? [] : [value]))), CURRENCY)}</p>
      <p className="dim">{t("wallet:wallet.estimate")}{missing.length > 0 && ` ${t("wallet:wallet.without", { assets: missing.join(", ") })}`}</p>
    </div>
  );
}

function columnsOf(words: Words, worthOf: WorthOf): Column<Balance>[] {
  const { t, amount, about } = words;
  const held = (b: Balance): string => Object.entries(b.held_by_purpose)
    .map(([purpose, sum]) => t("wallet:wallet.held_for", { sum: amount(sum, b.asset), purpose: t(`wallet:purpose.${purpose}`, { defaultValue: purpose }) })).join(", ");
  return [
    { key: "asset", title: t("retail_more:col.asset"), cell: (b) => <strong>{b.asset}</strong>, csv: (b) => b.asset },
    { key: "available", title: t("wallet:wallet.available"), end: true, cell: (b) => <Amount value={b.available} />, csv: (b) => b.available },
    { key: "held", title: t("wallet:wallet.held"), end: true, cell: (b) => <Amount value={b.held} />, csv: (b) => b.held },
    { key: "total", title: t("wallet:wallet.sum"), end: true, cell: (b) => <Amount value={b.posted} />, csv: (b) => b.posted },
    { key: "worth", title: t("wallet:wallet.worth"), end: true, csv: (b) => worthOf(b), cell: (b) => {
      const value = worthOf(b);
      return value === null ? <Amount value={null} /> : `≈ ${about(value, CURRENCY)}`;
    } },
    { key: "why", title: t("wallet:wallet.held_why"), cell: (b) => held(b) || <span className="dim">–</span> },
  ];
}
