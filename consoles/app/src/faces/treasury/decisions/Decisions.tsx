// Venue orders that no answer of the venue settles: one person proposes what happened, another confirms.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Panel } from "@/kit/Panel";
import { Frame } from "../Frame";
import { WaitingOrders } from "./WaitingOrders";

export default function Decisions(): ReactNode {
  const { t } = useTranslation("treasury");
  return (
    <Frame title={t("room.decisions")} note={t("decisions.note")}>
      <Panel title={t("decisions.title")}><WaitingOrders /></Panel>
    </Frame>
  );
}
