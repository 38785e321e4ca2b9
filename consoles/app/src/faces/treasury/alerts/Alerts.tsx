// What ran low or fell silent, in words; an alert ends by itself when all has been well for a while, and until then somebody takes care of it.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Panel } from "@/kit/Panel";
import { Empty, Loaded } from "@/kit/states";
import { Frame } from "../Frame";
import { useAlerts, type Alert } from "../reads";
import { AlertTable } from "./AlertTable";

export default function Alerts(): ReactNode {
  const { t } = useTranslation("treasury");
  const query = useAlerts();
  return (
    <Frame title={t("room.alerts")} note={t("alerts.note")}>
      <Loaded query={query} empty={<Empty title={t("alerts.none")}><p className="dim">{t("alerts.none_note")}</p></Empty>}>
        {(rows) => (
          <>
            <Part name={t("alerts.open")} rows={rows.filter((row) => row.state === "open")} none={t("alerts.none_open")} />
            <Part name={t("alerts.cleared")} rows={rows.filter((row) => row.state !== "open")} none={t("alerts.none_cleared")} />
          </>
        )}
      </Loaded>
    </Frame>
  );
}

function Part({ name, rows, none }: { name: string; rows: readonly Alert[]; none: string }): ReactNode {
  return <Panel title={name}>{rows.length === 0 ? <Empty title={none} /> : <AlertTable name={name} rows={rows} />}</Panel>;
}
