import { useState, type ReactNode, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, ask } from "@/api/client";
import { once } from "@/api/intent";
import { Button } from "@/kit/Button";
import { TextField } from "@/kit/fields";
import { Failed } from "@/kit/states";
import { useSession } from "@/session/session";
import { useStepUp } from "@/session/StepUp";
import { Ticks } from "@/kit/Ticks";
import { STAFF_ROLES, type Role } from "./roles";

/** A new colleague: asked for here, made when somebody of another role agreed. */
export function AskForm(): ReactNode {
  const { t } = useTranslation("staff");
  const { may } = useSession();
  const { proven, question } = useStepUp();
  const [email, setEmail] = useState("");
  const [name, setName] = useState("");
  const [roles, setRoles] = useState<Role[]>([]);
  const [reason, setReason] = useState("");
  const [asked, setAsked] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const submit = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    setAsked(null);
    const body = { email: email.trim(), name: name.trim(), roles, reason: reason.trim() };
    try {
      const { approval_id } = await proven(() => once("staff", body, (header) => ask(api.POST("/v1/staff", { body, params: { header } }))));
      setAsked(approval_id);
      setEmail("");
      setName("");
      setRoles([]);
      setReason("");
    } catch (refused) {
      setError(refused);
    }
    setBusy(false);
  };
  const ready = email.includes("@") && roles.length > 0 && reason.trim() !== "";
  return (
    <form className="stack" onSubmit={(event) => void submit(event)}>
      <p className="dim">{t("people.new_means")}</p>
      <div className="staff-form">
        <TextField label={t("field.email")} value={email} onChange={setEmail} type="email" autoComplete="off" maxLength={254} isRequired />
        <TextField label={t("field.name")} value={name} onChange={setName} autoComplete="off" maxLength={80} />
        <TextField label={t("people.reason")} value={reason} onChange={setReason} autoComplete="off" maxLength={500} isRequired />
      </div>
      <Ticks label={t("field.roles")} all={STAFF_ROLES} chosen={roles} onChange={setRoles} textOf={(role) => t(`role.${role}`)} />
      {error !== null && <Failed error={error} />}
      {asked !== null && (
        <p role="status">{t("people.waits")} {may("approvals:read") && <Link to={`/approvals/${asked}`}>{t("approval.thing")}</Link>}</p>
      )}
      <div><Button kind="primary" type="submit" busy={busy} isDisabled={!ready}>{t("people.ask")}</Button></div>
      {question}
    </form>
  );
}
