import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Panel } from "@/kit/Panel";
import { PasswordForm } from "./PasswordForm";
import { Passkeys } from "./Passkeys";
import { SecondFactor } from "./SecondFactor";
import { Sessions } from "./Sessions";
import "./account.css";

/** One's own account: what proves who one is, and where one is logged in. */
export default function SecurityRoom(): ReactNode {
  const { t } = useTranslation("account");
  return (
    <div className="stack">
      <h1>{t("room.security")}</h1>
      <div className="account-split">
        <Panel title={t("factor.title")}><SecondFactor /></Panel>
        <Panel title={t("passkey.title")}><Passkeys /></Panel>
        <Panel title={t("password.title")}><PasswordForm /></Panel>
      </div>
      <Panel title={t("sessions.title")}><Sessions /></Panel>
    </div>
  );
}
