// Collateral that no price can be believed for: since when, what was seen, whether the alarm has called; and the prices that people entered.

import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Who } from "@/faces/finance/parts/values";
import { Listed } from "@/faces/finance/parts/pages";
import { Button } from "@/kit/Button";
import { Panel } from "@/kit/Panel";
import { Empty, Loaded } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Amount, Pill, When, type Tone } from "@/kit/values";
import { useSession } from "@/session/session";
import { BookFrame } from "../BookFrame";
import { EnterPrice } from "./EnterPrice";
import { oneSeen } from "./model";
import { useEntries, useFreezes, type Entry, type Freeze } from "./reads";
import { PriceState, Venues } from "./Seen";

export default function PricesRoom(): ReactNode {
  const { t } = useTranslation(["lending_book", "lending_prices"]);
  const { may } = useSession();
  const [entering, setEntering] = useState<string | null>(null);
  const enter = may("lending:write") ? setEntering : null;
  return (
    <BookFrame title={t("room.prices")} note={t("lending_prices:note")}>
      <Frozen enter={enter} />
      <Entered enter={enter} />
      {entering !== null && <EnterPrice market={entering} onClose={() => { setEntering(null); }} />}
    </BookFrame>
  );
}

function Frozen({ enter }: { enter: ((market: string) => void) | null }): ReactNode {
  const { t } = useTranslation("lending_prices");
  const market = (row: Freeze): string => `${row.asset}-${row.quote}`;
  const columns: Column<Freeze>[] = [
    { key: "market", title: t("col.market"), cell: (row) => <strong>{market(row)}</strong>, csv: market },
    { key: "product", title: t("col.product"), cell: (row) => t("freeze.product", { name: row.product, version: row.version }), csv: (row) => `${row.product} ${String(row.version)}` },
    { key: "loans", title: t("freeze.loans"), end: true, cell: (row) => row.loans, csv: (row) => String(row.loans) },
    { key: "since", title: t("freeze.since"), cell: (row) => <When at={row.since} />, csv: (row) => row.since },
    { key: "alarm", title: t("freeze.alarm"), csv: (row) => row.alarmed_at, cell: (row) => <Alarm of={row} /> },
    { key: "why", title: t("freeze.why"), cell: (row) => (row.seen === null ? <Pill tone="bad">{t("freeze.nothing")}</Pill> : <PriceState of={oneSeen(row.seen).state} />), csv: (row) => oneSeen(row.seen).state },
    { key: "price", title: t("freeze.seen"), end: true, cell: (row) => <Shown of={row} />, csv: (row) => oneSeen(row.seen).price },
    { key: "venues", title: t("seen.venues"), wrap: true, cell: (row) => <Venues of={oneSeen(row.seen)} quote={row.quote} /> },
  ];
  const act: Column<Freeze> = { key: "act", title: t("entry.act"), cell: (row) => <Button onPress={() => { enter?.(market(row)); }}>{t("entry.enter")}</Button> };
  return (
    <Panel title={t("freeze.title")}>
      <Loaded query={useFreezes()} empty={<Empty title={t("freeze.none")} />}>
        {(rows) => <Table name={t("freeze.title")} rows={rows} rowKey={(row) => `${row.product_id} ${row.version} ${row.asset}`} file="frozen-prices" columns={enter === null ? columns : [...columns, act]} />}
      </Loaded>
    </Panel>
  );
}

function Shown({ of }: { of: Freeze }): ReactNode {
  const { price } = oneSeen(of.seen);
  return <Amount value={price} {...(price === null ? {} : { asset: of.quote })} />;
}

function Alarm({ of }: { of: Freeze }): ReactNode {
  const { t } = useTranslation("lending_prices");
  if (of.alarmed_at !== null) return <><Pill tone="bad">{t("freeze.called")}</Pill> <When at={of.alarmed_at} /></>;
  return <Pill tone={of.late ? "bad" : "warn"}>{t(of.late ? "freeze.late" : "freeze.waits")}</Pill>;
}

const TONES: Record<Entry["status"], Tone> = { proposed: "warn", standing: "good", refused: "bad" };

function Entered({ enter }: { enter: ((market: string) => void) | null }): ReactNode {
  const { t } = useTranslation("lending_prices");
  const state = (row: Entry): string => (row.status === "standing" && !row.in_force ? "past" : row.status);
  return (
    <Panel title={t("entry.title")} actions={enter !== null && <Button onPress={() => { enter(""); }}>{t("entry.enter")}</Button>}>
      <Listed pages={useEntries()} empty={<Empty title={t("entry.none")} />}>
        {(rows) => <Table name={t("entry.title")} rows={rows} rowKey={(row) => row.id} file="entered-prices" columns={[
          { key: "at", title: t("entry.at"), cell: (row) => <When at={row.at} />, csv: (row) => row.at },
          { key: "market", title: t("col.market"), cell: (row) => <strong>{`${row.asset}-${row.quote}`}</strong>, csv: (row) => `${row.asset}-${row.quote}` },
          { key: "state", title: t("entry.state"), cell: (row) => <Pill tone={state(row) === "past" ? "plain" : TONES[row.status]}>{t(`entry.states.${state(row)}`)}</Pill>, csv: state },
          { key: "price", title: t("col.price"), end: true, csv: (row) => row.price,
            cell: (row) => (row.price === null ? t("entry.lasts") : <Amount value={row.price} asset={row.quote} />) },
          { key: "until", title: t("entry.until"), cell: (row) => (row.status === "standing" ? <When at={row.until} /> : <span className="dim">–</span>), csv: (row) => (row.status === "standing" ? row.until : null) },
          { key: "venues", title: t("entry.venues"), wrap: true, cell: (row) => <Venues of={oneSeen({ venues: row.venues })} quote={row.quote} /> },
          { key: "reason", title: t("entry.reason"), wrap: true, cell: (row) => row.reason, csv: (row) => row.reason },
          { key: "by", title: t("entry.by"), cell: (row) => <Who id={row.proposed_by} />, csv: (row) => row.proposed_by },
        ]} />}
      </Listed>
    </Panel>
  );
}
