// One person asks: to let a held deposit go, to open the accounts of one who owes, or to give what is nobody's to a customer.

import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "@/api/client";
import { once } from "@/api/intent";
import { Address } from "@/faces/funding/Address";
import { Confirm } from "@/kit/Dialog";
import { TextField } from "@/kit/fields";
import { useToasts } from "@/kit/toasts";
import { Amount, Facts } from "@/kit/values";
import { useSession } from "@/session/session";
import { Customer, useCustomer } from "../money/parts";
import { useLookAgain, useNetworkName, type Deposit } from "../money/reads";

export type Deed = "release" | "reopen" | "claim" | "refund";

/** What may be asked for it; null where nothing waits for people. */
export function deedOf({ status, reason }: Pick<Deposit, "status" | "reason">): Deed | null {
  if (status === "held") return "release";
  if (status === "suspense") return "claim";
  return reason === "spent" ? "reopen" : null;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function Decide({ deed, one, onClose }: { deed: Deed; one: Deposit; onClose: () => void }): ReactNode {
  const { t } = useTranslation("treasury_wallet");
  const { tell } = useToasts();
  const lookAgain = useLookAgain();
  const [customer, setCustomer] = useState("");
  const whose = customer.trim();
  const send = (header: { "Idempotency-Key": string }): Promise<unknown> => {
    const params = { path: { id: one.id }, header };
    if (deed === "claim") return ask(api.POST("/v1/treasury/suspense/{id}/claim", { params, body: { customer_id: whose } }));
    return ask(api.POST("/v1/deposits/{id}/release", { params }));
  };
  const act = async (): Promise<void> => {
    try {
      await once("deposit", { deed, id: one.id, whose }, send);
      tell(t("approval.asked"), "good");
    } finally {
      lookAgain();
    }
  };
  return (
    <Confirm title={t(`deposit.${deed}`)} isOpen onClose={onClose} act={act} verb={t(`deposit.${deed}`)} ready={deed !== "claim" || UUID.test(whose)}>
      <p>{t(`deposit.${deed}_will`)}</p>
      <Shown one={one} />
      {deed === "claim" && <Claimant value={customer} onChange={setCustomer} />}
    </Confirm>
  );
}

export function Shown({ one }: { one: Deposit }): ReactNode {
  const { t } = useTranslation("treasury_wallet");
  const network = useNetworkName();
  return (
    <Facts rows={[
      [t("col.amount"), <strong key="amount"><Amount value={one.amount} asset={one.asset} /></strong>],
      ...(one.missing == null ? [] : [[t("col.missing"), <Amount key="missing" value={one.missing} asset={one.asset} />] as const]),
      ...(one.customer_id === null ? [] : [[t("col.customer"), <Customer key="customer" id={one.customer_id} />] as const]),
      [t("col.network"), network(one.network)],
      [t("col.address"), <Address key="address" of={one.address} />],
      ...(one.memo === null ? [] : [[t("col.memo"), <Address key="memo" of={one.memo} />] as const]),
      [t("col.transaction"), <Address key="txid" of={one.txid} />],
      [t("col.output"), String(one.output)],
    ]} />
  );
}

/** Who may look customers up sees at once whom the number means. */
function Claimant({ value, onChange }: { value: string; onChange: (text: string) => void }): ReactNode {
  const { t } = useTranslation("treasury_wallet");
  const { may } = useSession();
  const whose = value.trim();
  const fits = UUID.test(whose);
  const { data } = useCustomer(whose, fits && may("customers:read"));
  return (
    <>
      <TextField label={t("deposit.claimant")} value={value} onChange={onChange} autoComplete="off" isRequired autoFocus error={whose === "" || fits ? undefined : t("deposit.claimant_wrong")} />
      {fits && data !== undefined && <p role="status">{t("deposit.claimant_is", { email: data.email })}</p>}
    </>
  );
}
