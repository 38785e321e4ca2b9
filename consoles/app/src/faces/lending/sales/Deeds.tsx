// What a person may do about a sale: let a paused one sell at the price of now, or ask a second person to give a loss up.

import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { once } from "@/api/intent";
import { Button } from "@/kit/Button";
import { Confirm } from "@/kit/Dialog";
import { TextField } from "@/kit/fields";
import { useToasts } from "@/kit/toasts";
import { ExactPercent } from "@/kit/Figures";
import { Amount } from "@/kit/values";
import { useSession } from "@/session/session";
import { Asked } from "../Asked";
import { approvalOf } from "../approvals";
import { divisionOf, isOver } from "./model";
import { priceAgain, writeOff, type Story } from "./reads";

const FEWEST_LETTERS = 3;
type Deed = "price" | "write_off";

export function Deeds({ of }: { of: Story }): ReactNode {
  const { t } = useTranslation("lending_sales");
  const { may } = useSession();
  const [open, setOpen] = useState<Deed | null>(null);
  const [asked, setAsked] = useState<string | null>(null);
  const can: Record<Deed, boolean> = { price: of.status === "paused" && may("lending:decide"), write_off: of.loan_status === "bad_debt" && may("lending:write") };
  const close = (): void => { setOpen(null); };
  return (
    <div className="stack">
      <p>{t(isOver(of) ? `deed.over.${of.loan_status === "bad_debt" ? "bad_debt" : "settled"}` : `deed.now.${of.status}`)}</p>
      {of.pause_reason !== null && <p>{t(`deed.helps.${of.pause_reason}`, { defaultValue: "" })}</p>}
      {asked !== null && <Asked approval={asked} />}
      <div className="row">
        {can.price && <Button kind="primary" onPress={() => { setOpen("price"); }}>{t("deed.price")}</Button>}
        {can.write_off && asked === null && <Button kind="danger" onPress={() => { setOpen("write_off"); }}>{t("deed.write_off")}</Button>}
      </div>
      {open === "price" && <PriceAgain of={of} onClose={close} />}
      {open === "write_off" && <WriteOff of={of} onClose={close} onAsked={setAsked} />}
    </div>
  );
}

function PriceAgain({ of, onClose }: { of: Story; onClose: () => void }): ReactNode {
  const { t } = useTranslation("lending_sales");
  const client = useQueryClient();
  const { tell } = useToasts();
  const [reason, setReason] = useState("");
  const act = async (): Promise<void> => {
    const why = reason.trim();
    await once(`price ${of.id}`, why, (header) => priceAgain(of.id, why, header));
    await client.invalidateQueries({ queryKey: ["lending"] });
    tell(t("deed.priced"), "good");
  };
  return (
    <Confirm title={t("deed.price")} isOpen onClose={onClose} act={act} verb={t("deed.price")} danger ready={reason.trim().length >= FEWEST_LETTERS}>
      <p>{t("deed.price_means")}</p>
      <p>{t("one.budget")}: <ExactPercent share={of.budget} /></p>
      {of.targets.map(({ asset, floor }) => <p key={asset} className="dim">{t("deed.floor_now", { asset })} <Amount value={floor} asset={of.asset} /></p>)}
      <TextField label={t("deed.reason")} value={reason} onChange={setReason} maxLength={500} isRequired />
    </Confirm>
  );
}

function WriteOff({ of, onClose, onAsked }: { of: Story; onClose: () => void; onAsked: (approval: string | null) => void }): ReactNode {
  const { t } = useTranslation("lending_sales");
  const client = useQueryClient();
  const division = divisionOf(of);
  const act = async (): Promise<void> => {
    onAsked(approvalOf(await once("write off", of.id, (header) => writeOff(of.id, header))));
    await client.invalidateQueries({ queryKey: ["approvals"] });
  };
  return (
    <Confirm title={t("deed.write_off")} isOpen onClose={onClose} act={act} verb={t("deed.write_off_ask")} danger>
      <p>{t("deed.write_off_means")}</p>
      {division !== null && <p>{t("money.lost")}: <strong><Amount value={division.lost} asset={of.asset} /></strong> · {t("money.insured")}: <Amount value={division.insured} asset={of.asset} /></p>}
    </Confirm>
  );
}
