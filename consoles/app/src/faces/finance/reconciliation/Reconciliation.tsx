import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Panel } from "@/kit/Panel";
import { Tabs } from "@/kit/Tabs";
import { useSession } from "@/session/session";
import { Frame } from "../parts/Frame";
import { Breaks } from "./Breaks";
import { DayReport } from "./DayReport";
import { Incidents } from "./Incidents";
import { Runs } from "./Runs";
import { StartRun } from "./StartRun";
import { Statements } from "./Statements";

export default function Reconciliation(): ReactNode {
  const { t } = useTranslation("finance");
  const { may } = useSession();
  const writes = may("reconciliation:write");
  const tabs = [
    { id: "breaks", title: t("breaks.title"), body: () => <Panel title={t("breaks.title")}><Breaks /></Panel> },
    {
      id: "runs", title: t("runs.title"),
      body: () => (
        <div className="stack">
          {writes && <Panel title={t("runs.start")}><StartRun /></Panel>}
          <Panel title={t("runs.title")}><Runs /></Panel>
        </div>
      ),
    },
    { id: "day", title: t("day.title"), body: () => <DayReport /> },
    ...(writes ? [{ id: "statements", title: t("statement.title"), body: () => <Panel title={t("statement.upload")}><Statements /></Panel> }] : []),
    { id: "incidents", title: t("incidents.title"), body: () => <Panel title={t("incidents.title")}><Incidents /></Panel> },
  ];
  return (
    <Frame title={t("rooms.reconciliation")} intro={t("runs.intro")}>
      <Tabs label={t("rooms.reconciliation")} tabs={tabs} />
    </Frame>
  );
}
