// Money out: to whom, how much, a last look at all of it. Below what has left before.

import type { ReactNode } from "react";
import { Panel } from "@/kit/Panel";
import { useStepUp } from "@/session/StepUp";
import { Frame } from "../Frame";
import { useWords } from "../words";
import { Unknown } from "./Unknown";
import { useSending } from "./useSending";
import { WithdrawalList } from "./WithdrawalList";
import { WithdrawForm } from "./WithdrawForm";

export default function WithdrawRoom(): ReactNode {
  const { t } = useWords();
  const { proven, question } = useStepUp();
  const sending = useSending(proven);
  return (
    <Frame title={t("withdraw.title")} intro={t("withdraw.intro")}>
      {(networks) => (
        <>
          <Panel title={t("withdraw.new")}>
            {sending.unknown === null ? <WithdrawForm networks={networks} send={sending.send} /> : <Unknown of={sending.unknown} sending={sending} />}
          </Panel>
          <Panel title={t("withdraw.list")}><WithdrawalList /></Panel>
          {question}
        </>
      )}
    </Frame>
  );
}
