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

export default function PayoutsRoom(): ReactNode {
  const { t } = useTranslation(["earndesk", "earndesk_payouts"]);
  const { may } = useSession();
  return (
    <Frame title={t("room.payouts")} note={t("earndesk_payouts:note")}>
      {may("earn:write") && <Panel title={t("earndesk_payouts:run.title")}><ByHand /></Panel>}
    </Frame>
  );
}

type Done = Schemas["PayoutRunOut"];

function ByHand(): ReactNode {
  const { t } = useTranslation("earndesk_payouts");
  const client = useQueryClient();
  const [date, setDate] = useState(() => new Date().toISOString().slice(0, 10));
  const [open, setOpen] = useState(false);
  const [done, setDone] = useState<Done | null>(null);
  const act = async (): Promise<void> => {
    setDone(await ask(api.POST("/v1/earn/payouts:run", { body: { date } })));
    await client.invalidateQueries({ queryKey: ["earn"] });
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
