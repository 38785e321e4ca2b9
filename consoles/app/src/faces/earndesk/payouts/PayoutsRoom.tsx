// The payout runs by itself every hour; here one sees what it did, and lets it run by hand.

import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "@/api/client";
import { Button } from "@/kit/Button";
import { Confirm } from "@/kit/Dialog";
import { TextField } from "@/kit/fields";
import { Panel } from "@/kit/Panel";
import { Pill } from "@/kit/values";
import { useSession } from "@/session/session";
import { Frame } from "../Frame";
import { Refused } from "./Refused";
import { Runs } from "./Runs";

export default function PayoutsRoom(): ReactNode {
  const { t } = useTranslation(["earndesk", "earndesk_payouts"]);
  const { may } = useSession();
  const [asked, setAsked] = useState(false);
  return (
    <Frame title={t("room.payouts")} note={t("earndesk_payouts:note")}>
      {may("earn:write") && <Panel title={t("earndesk_payouts:run.title")}><ByHand onAsked={setAsked} /></Panel>}
      <Panel title={t("earndesk_payouts:runs.title")}><Runs asked={asked} /></Panel>
      <Panel title={t("earndesk_payouts:refused.title")}><Refused /></Panel>
    </Frame>
  );
}

type Done = Schemas["PayoutRunOut"];

/** `onAsked` hears when a run begins and when it was answered. */
function ByHand({ onAsked }: { onAsked: (asked: boolean) => void }): ReactNode {
  const { t } = useTranslation("earndesk_payouts");
  const client = useQueryClient();
  const [date, setDate] = useState(() => new Date().toISOString().slice(0, 10));
  const [open, setOpen] = useState(false);
  const [done, setDone] = useState<Done | null>(null);
  const act = async (): Promise<void> => {
    onAsked(true);
    try {
      setDone(await ask(api.POST("/v1/earn/payouts:run", { body: { date } })));
    } finally {
      onAsked(false);
      await client.invalidateQueries({ queryKey: ["earn"] });
    }
  };
  return (
    <div className="stack">
      <div className="earndesk-rate">
        <TextField type="date" label={t("run.day")} value={date} onChange={setDate} />
        <Button isDisabled={date === ""} onPress={() => { setOpen(true); }}>{t("run.verb")}</Button>
      </div>
      <p className="dim">{t("run.note")}</p>
      <div role="status" className="row">
        {done !== null && <><Pill tone="good">{t("run.paid", { count: done.paid })}</Pill>{done.refused > 0 && <Pill tone="bad">{t("run.refused", { count: done.refused })}</Pill>}</>}
      </div>
      <Confirm title={t("run.title")} isOpen={open} onClose={() => { setOpen(false); }} act={act} verb={t("run.verb")}>
        <p>{t("run.means", { day: date })}</p>
      </Confirm>
    </div>
  );
}
