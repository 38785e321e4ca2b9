import { Suspense, useState, type SyntheticEvent, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Refusal } from "@/api/problem";
import { Button } from "@/kit/Button";
import { Select, TextField } from "@/kit/fields";
import { Failed } from "@/kit/states";
import type { Language } from "@/money/format";
import { useMethods } from "@/session/methods";
import { useSession } from "@/session/session";
import { useSettings } from "@/settings/settings";
import { useHouseName } from "./house";

export function Login(): ReactNode {
  const { t } = useTranslation();
  const { login, loginWithPasskey } = useSession();
  const { settings, change } = useSettings();
  const { passkeys, staff_login } = useMethods();
  const house = useHouseName();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [codeNeeded, setCodeNeeded] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const submit = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await login(email, password, code);
    } catch (refused) {
      setBusy(false);
      setCode("");
      if (refused instanceof Refusal && refused.code === "second_factor_required") setCodeNeeded(true);
      else setError(refused);
    }
  };
  const byPasskey = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await loginWithPasskey();
    } catch (refused) {
      setError(refused);
      setBusy(false);
    }
  };
  return (
    <main className="login">
      <form className="panel panel-body stack" onSubmit={(event) => void submit(event)}>
        <h1>{house}</h1>
        <TextField label={t("login.email")} value={email} onChange={setEmail} type="email" autoComplete="username" isRequired autoFocus />
        <TextField label={t("login.password")} value={password} onChange={setPassword} type="password" autoComplete="current-password" isRequired />
        {codeNeeded && <TextField label={t("login.code")} value={code} onChange={setCode} autoComplete="one-time-code" maxLength={32} isRequired autoFocus />}
        {error !== null && <Failed error={error} />}
        <Button kind="primary" type="submit" busy={busy}>{t("action.login")}</Button>
        {passkeys === true && <Button isDisabled={busy} onPress={() => void byPasskey()}>{t("login.passkey")}</Button>}
        {staff_login === true && <Suspense><CompanyLogin /></Suspense>}
        <a href="/forgot">{t("login.help")}</a>
        <Select label={t("settings.language")} value={settings.language} choices={[{ id: "en", text: "English" }, { id: "zh", text: "中文" }]}
          onChange={(id) => { change({ language: id as Language }); }} />
      </form>
    </main>
  );
}

/** For staff whose company proves who they are. */
function CompanyLogin(): ReactNode {
  const { t } = useTranslation("enter");
  return <a className="button" href="/oauth/staff/login">{t("company")}</a>;
}
