// What waits for people, with what is known of it and the next step.

import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Age } from "@/kit/age";
import { Button } from "@/kit/Button";
import { Empty, Loaded } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Amount, Id, Pill } from "@/kit/values";
import { venueName } from "@/kit/venue";
import { useSession } from "@/session/session";
import { useWaiting, type Waiting } from "../reads";
import { OneDecision } from "./OneDecision";
import { Propose } from "./Propose";

export function WaitingOrders(): ReactNode {
  const { t } = useTranslation("treasury");
  const query = useWaiting();
  const [proposing, setProposing] = useState<Waiting | null>(null);
  const [reading, setReading] = useState<Waiting | null>(null);
  const columns = useColumns(setProposing, setReading);
  return (
    <>
      <Loaded query={query} empty={<Empty title={t("decisions.none")}><p className="dim">{t("decisions.none_note")}</p></Empty>}>
        {(rows) => <Table name={t("decisions.title")} columns={columns} rows={rows} rowKey={(row) => row.id} file="waiting-venue-orders" />}
      </Loaded>
      {proposing !== null && <Propose order={proposing} onClose={() => { setProposing(null); }} />}
      {reading?.decision_id != null && <OneDecision id={reading.decision_id} onClose={() => { setReading(null); }} />}
    </>
  );
}

function useColumns(propose: (row: Waiting) => void, read: (row: Waiting) => void): Column<Waiting>[] {
  const { t } = useTranslation("treasury");
  const { may } = useSession();
  return [
    { key: "next", title: t("decisions.next"), csv: (row) => (row.decision_id === null ? "waiting" : "proposed"),
      cell: (row) => (row.decision_id !== null
        ? <Button onPress={() => { read(row); }}>{t("decisions.look")}</Button>
        : may("controls:write") ? <Button onPress={() => { propose(row); }}>{t("decisions.propose")}</Button> : <Pill tone="warn">{t("decisions.waits")}</Pill>) },
    { key: "venue", title: t("word.venue"), cell: (row) => venueName(row.venue), csv: (row) => row.venue },
    { key: "symbol", title: t("word.market"), cell: (row) => row.symbol, csv: (row) => row.symbol },
    { key: "side", title: t("word.side"), cell: (row) => t(`side.${row.side}`), csv: (row) => row.side },
    { key: "quantity", title: t("decisions.quantity"), end: true, cell: (row) => <Amount value={row.quantity} />, csv: (row) => row.quantity },
    { key: "filled", title: t("decisions.filled"), end: true, cell: (row) => <Amount value={row.filled_quantity} />, csv: (row) => row.filled_quantity },
    { key: "limit", title: t("decisions.limit"), end: true, cell: (row) => <Amount value={row.limit_price} />, csv: (row) => row.limit_price },
    { key: "age", title: t("decisions.sent"), end: true, cell: (row) => <Age at={row.sent_at} />, csv: (row) => row.sent_at },
    { key: "asked", title: t("decisions.asked"), end: true, csv: (row) => String(row.asked),
      cell: (row) => t("decisions.answers", { asked: row.asked, negatives: row.negatives }) },
    { key: "client", title: t("decisions.client_order_id"), cell: (row) => <code>{row.client_order_id}</code>, csv: (row) => row.client_order_id },
    { key: "order", title: t("decisions.order"), cell: (row) => (row.order_id === null ? t("decisions.several") : <Id value={row.order_id} />), csv: (row) => row.order_id },
  ];
}
