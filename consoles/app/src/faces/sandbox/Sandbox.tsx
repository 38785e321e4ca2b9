// Playing the world around the house: prices, faults, time, money; and what the venues saw of us meanwhile.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Panel } from "@/kit/Panel";
import { Empty } from "@/kit/states";
import { Clock } from "./Clock";
import { useSandboxExists } from "./exists";
import { Faults } from "./Faults";
import { Deposit, VenueFunds } from "./Money";
import { PriceTool } from "./Prices";
import { Script } from "./Script";
import { Seen } from "./Seen";
import "./sandbox.css";

export default function Sandbox(): ReactNode {
  const { t } = useTranslation("sandbox");
  return (
    <div className="stack">
      <header className="sandbox-title">
        <h1>{t("title")}</h1>
        <p className="dim">{t("note")}</p>
      </header>
      {useSandboxExists() ? <Tools /> : <Empty title={t("none")} />}
    </div>
  );
}

function Tools(): ReactNode {
  const { t } = useTranslation("sandbox");
  return (
    <>
      <div className="sandbox-pair">
        <Panel title={t("prices.title")}><PriceTool /></Panel>
        <Panel title={t("script.title")}><Script /></Panel>
      </div>
      <Panel title={t("faults.title")}><Faults /></Panel>
      <div className="sandbox-pair">
        <Panel title={t("deposit.title")}><Deposit /></Panel>
        <Panel title={t("funds.title")}><VenueFunds /></Panel>
        <Panel title={t("clock.title")}><Clock /></Panel>
      </div>
      <Panel title={t("seen.title")}><Seen /></Panel>
    </>
  );
}
