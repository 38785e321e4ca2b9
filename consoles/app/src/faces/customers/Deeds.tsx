// What staff may do to a customer's account. Shutting it works at once; what gives somebody a way in asks a second role first.

import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "@/api/client";
import { Button } from "@/kit/Button";
import { Confirm } from "@/kit/Dialog";
import { TextField } from "@/kit/fields";
import { useToasts } from "@/kit/toasts";
import { useStepUp } from "@/session/StepUp";

type Detail = Schemas["PersonDetailOut"];
type Deed = "lock" | "open" | "reset_factors" | "change_email";
type Wish = Omit<Schemas["CustomerPatchIn"], "reason">;

/** What fits the account as it stands. */
function deedsOf(customer: Detail): Deed[] {
  const factors = customer.totp || customer.passkeys > 0;
  return [customer.status === "active" ? "lock" : "open", ...(factors ? ["reset_factors" as const] : []), "change_email"];
}

function wishOf(deed: Deed, email: string): Wish {
  if (deed === "change_email") return { email };
  if (deed === "reset_factors") return { reset_factors: true };
  return { status: deed === "lock" ? "locked" : "active" };
}

export function Deeds({ customer }: { customer: Detail }): ReactNode {
  const { t } = useTranslation("customers");
  const [deed, setDeed] = useState<Deed | null>(null);
  return (
    <>
      <div className="row">
        {deedsOf(customer).map((one) => (
          <Button key={one} kind={one === "lock" ? "danger" : "plain"} onPress={() => { setDeed(one); }}>{t(`deeds.${one}.act`)}</Button>
        ))}
      </div>
      {deed !== null && <Do key={deed} deed={deed} customer={customer} onClose={() => { setDeed(null); }} />}
    </>
  );
}

function Do({ deed, customer, onClose }: { deed: Deed; customer: Detail; onClose: () => void }): ReactNode {
  const { t } = useTranslation("customers");
  const client = useQueryClient();
  const { tell } = useToasts();
  const { proven, question } = useStepUp();
  const [reason, setReason] = useState("");
  const [email, setEmail] = useState("");
  const act = async (): Promise<void> => {
    const body = { ...wishOf(deed, email), reason };
    const changed = await proven(() => ask(api.PATCH("/v1/customers/{id}", { params: { path: { id: customer.id } }, body })));
    await client.invalidateQueries({ queryKey: ["customer", customer.id] });
    tell(t(changed.approval_id == null ? "deeds.done" : "deeds.waits"), "good");
  };
  const ready = reason.trim() !== "" && (deed !== "change_email" || email.includes("@"));
  return (
    <>
      <Confirm title={t(`deeds.${deed}.act`)} isOpen onClose={onClose} act={act} verb={t(`deeds.${deed}.act`)} danger={deed === "lock"} ready={ready}>
        <p>{t(deed === "open" && customer.status !== "locked" ? "deeds.open.by_two" : `deeds.${deed}.means`)}</p>
        {deed === "change_email" && <TextField label={t("deeds.new_email")} value={email} onChange={setEmail} type="email" autoComplete="off" maxLength={254} isRequired />}
        <TextField label={t("deeds.reason")} value={reason} onChange={setReason} autoComplete="off" maxLength={500} isRequired />
      </Confirm>
      {question}
    </>
  );
}
