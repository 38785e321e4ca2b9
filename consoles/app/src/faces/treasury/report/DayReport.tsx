// The report of a day: what came, went and stayed at every place, by the ledger; what treasury moved; what it was alerted of.

import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { TextField } from "@/kit/fields";
import { Panel } from "@/kit/Panel";
import { Empty, Loaded } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Amount, When } from "@/kit/values";
import { Frame } from "../Frame";
import { AlertTable } from "../alerts/AlertTable";
import { placeName } from "../place";
import { useDayReport, type DayReport } from "../reads";

export default function Report(): ReactNode {
  const { t } = useTranslation("treasury");
  const [day, setDay] = useState("");
  const query = useDayReport(day);
  return (
    <Frame title={t("room.report")} note={t("report.note")}>
      <div className="treasury-filters"><TextField label={t("report.day")} type="date" value={day === "" ? (query.data?.day ?? "") : day} onChange={setDay} /></div>
      <Loaded query={query}>{(made) => <Whole made={made} />}</Loaded>
    </Frame>
  );
}

function Whole({ made }: { made: DayReport }): ReactNode {
  const { t } = useTranslation("treasury");
  return (
    <>
      <Panel title={t(made.whole ? "report.of" : "report.so_far", { day: made.day })}>
        {made.rows.length === 0 ? <Empty title={t("report.no_rows")} /> : <Rows made={made} />}
      </Panel>
      <Panel title={t("report.transfers")}>
        {made.transfers.length === 0 ? <Empty title={t("report.no_transfers")} /> : <Transfers made={made} />}
      </Panel>
      <Panel title={t("report.alerts")}>
        {made.alerts.length === 0 ? <Empty title={t("report.no_alerts")} /> : <AlertTable name={t("report.alerts")} rows={made.alerts} />}
      </Panel>
    </>
  );
}

function Rows({ made }: { made: DayReport }): ReactNode {
  const { t } = useTranslation("treasury");
  type Row = DayReport["rows"][number];
  const amount = (key: "opening" | "in" | "out" | "fees" | "closing" | "reported" | "residue" | "difference"): Column<Row> =>
    ({ key, title: t(`report.col.${key}`), end: true, cell: (row) => <Amount value={row[key]} />, csv: (row) => row[key] });
  const columns: Column<Row>[] = [
    { key: "place", title: t("word.place"), cell: (row) => placeName(row.location), csv: (row) => row.location },
    { key: "asset", title: t("word.asset"), cell: (row) => row.asset, csv: (row) => row.asset },
    amount("opening"), amount("in"), amount("out"), amount("fees"), amount("closing"), amount("reported"), amount("residue"), amount("difference"),
  ];
  return <Table name={t("report.balances")} columns={columns} rows={made.rows} rowKey={(row) => `${row.location}:${row.asset}`} file={`treasury-${made.day}`} />;
}

function Transfers({ made }: { made: DayReport }): ReactNode {
  const { t } = useTranslation("treasury");
  type Row = DayReport["transfers"][number];
  const columns: Column<Row>[] = [
    { key: "at", title: t("history.at"), cell: (row) => <When at={row.at} />, csv: (row) => row.at },
    { key: "place", title: t("word.place"), cell: (row) => placeName(row.location), csv: (row) => row.location },
    { key: "asset", title: t("word.asset"), cell: (row) => row.asset, csv: (row) => row.asset },
    { key: "amount", title: t("word.amount"), end: true, cell: (row) => <Amount value={row.amount} />, csv: (row) => row.amount },
  ];
  return <Table name={t("report.transfers")} columns={columns} rows={made.transfers} rowKey={(row) => `${row.journal_id}:${row.location}:${row.asset}`} file={`treasury-transfers-${made.day}`} />;
}
