// Business time only goes forward: what falls due meanwhile runs, and says when it is through.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/kit/Button";
import { Confirm } from "@/kit/Dialog";
import { Select } from "@/kit/fields";
import { Loaded } from "@/kit/states";
import { Pill, When } from "@/kit/values";
import { post, read } from "./sandbox";

const STEPS = ["PT1M", "PT1H", "P1D", "P7D", "P30D"] as const;
interface Now { business_now: string }
interface Advance extends Now { id: string; state: string }

export function Clock(): ReactNode {
  const { t } = useTranslation("sandbox");
  const client = useQueryClient();
  const query = useQuery({ queryKey: ["sandbox", "clock"], refetchInterval: 2_000, queryFn: () => read<Now>("clock") });
  const [step, setStep] = useState<string>("PT1M");
  const [asking, setAsking] = useState(false);
  const [advance, setAdvance] = useState<string | null>(null);
  const act = async (): Promise<void> => {
    const { id } = await post<Advance>("clock", { advance: step });
    setAdvance(id);
    await client.invalidateQueries({ queryKey: ["sandbox", "clock"] });
  };
  return (
    <div className="stack">
      <p className="dim">{t("clock.note")}</p>
      <Loaded query={query} lines={1}>{(now) => <p>{t("clock.now")} <strong><When at={now.business_now} /></strong></p>}</Loaded>
      <div className="sandbox-form">
        <Select label={t("clock.by")} value={step} onChange={setStep} choices={STEPS.map((id) => ({ id, text: t(`clock.step.${id}`) }))} />
        <Button kind="primary" onPress={() => { setAsking(true); }}>{t("clock.advance")}</Button>
        {advance !== null && <Running id={advance} />}
      </div>
      <Confirm title={t("clock.confirm")} isOpen={asking} onClose={() => { setAsking(false); }} act={act} verb={t("clock.advance")}>
        <p>{t("clock.words", { step: t(`clock.step.${step}`) })}</p>
      </Confirm>
    </div>
  );
}

function Running({ id }: { id: string }): ReactNode {
  const { t } = useTranslation("sandbox");
  const { data } = useQuery({
    queryKey: ["sandbox", "advance", id], queryFn: () => read<Advance>(`clock/${id}`),
    refetchInterval: (query) => (query.state.data?.state === "done" ? false : 500),
  });
  const done = data?.state === "done";
  return <span role="status"><Pill tone={done ? "good" : "info"}>{t(done ? "clock.done" : "clock.running")}</Pill></span>;
}
