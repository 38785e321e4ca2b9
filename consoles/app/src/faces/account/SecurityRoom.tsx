import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Panel } from "@/kit/Panel";
import { useMethods } from "@/session/methods";
import { useSession } from "@/session/session";
import { PasswordForm } from "./PasswordForm";
import { Passkeys } from "./Passkeys";
import { SecondFactor } from "./SecondFactor";
import { Sessions } from "./Sessions";
import "./account.css";

/** One's own account: what proves who one is, and where one is logged in. */
export default function SecurityRoom(): ReactNode {
  const { t } = useTranslation("account");
  const { may } = useSession();
  const { passkeys } = useMethods();
  return (
    <div className="stack">
      <h1>{t("room.security")}</h1>
      {may("kyc:write") && <p><Link to="/identity">{t("room.identity")}</Link></p>}
      <div className="account-split">
        <Panel title={t("factor.title")}><SecondFactor /></Panel>
        {passkeys && <Panel title={t("passkey.title")}><Passkeys /></Panel>}
        <Panel title={t("password.title")}><PasswordForm /></Panel>
      </div>
      <Panel title={t("sessions.title")} actions={<Link to="/apps">{t("room.apps")}</Link>}><Sessions /></Panel>
    </div>
  );
}
