import { useQueryClient } from "@tanstack/react-query";
import { useState, type CSSProperties, type ReactNode, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "@/api/client";
import { Button } from "@/kit/Button";
import { TextField } from "@/kit/fields";
import { Failed } from "@/kit/states";
import { useToasts } from "@/kit/toasts";
import { useSession } from "@/session/session";
import { useStepUp } from "@/session/StepUp";
import type { House } from "./HouseRoom";

const given = (text: string): string | null => (text.trim() === "" ? null : text.trim());

/** Name, logo and accents, with a preview that shows each accent on the page it is for. */
export function LookForm({ house }: { house: House }): ReactNode {
  const { t } = useTranslation("tenant");
  const client = useQueryClient();
  const { may } = useSession();
  const { tell } = useToasts();
  const { proven, question } = useStepUp();
  const [name, setName] = useState(house.name);
  const [logo, setLogo] = useState(house.theme.logo_text ?? "");
  const [dark, setDark] = useState(house.theme.accent_dark ?? "");
  const [light, setLight] = useState(house.theme.accent_light ?? "");
  const [origins, setOrigins] = useState(house.origins.join("\n"));
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const save = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    const body = {
      name: name.trim(),
      theme: { logo_text: given(logo), accent_dark: given(dark), accent_light: given(light) },
      origins: origins.split(/\s+/).filter((line) => line !== ""),
    };
    try {
      await proven(() => ask(api.PATCH("/v1/tenants/{id}", { params: { path: { id: house.id } }, body })));
      tell(t("look.saved"), "good");
      await client.invalidateQueries({ queryKey: ["house"] });
    } catch (refused) {
      setError(refused);
    }
    setBusy(false);
  };
  const still = !may("tenants:write");
  return (
    <form className="stack" onSubmit={(event) => void save(event)}>
      <TextField label={t("look.name")} value={name} onChange={setName} maxLength={80} isRequired isDisabled={still} />
      <TextField label={t("look.logo")} value={logo} onChange={setLogo} maxLength={24} isDisabled={still} />
      <TextField label={t("look.accent_dark")} value={dark} onChange={setDark} placeholder="#4cc2d6" maxLength={7} isDisabled={still} />
      <TextField label={t("look.accent_light")} value={light} onChange={setLight} placeholder="#086b80" maxLength={7} isDisabled={still} />
      <Preview name={given(logo) ?? name} dark={dark} light={light} />
      <TextField label={t("look.origins")} value={origins} onChange={setOrigins} isDisabled={still} />
      <p className="dim">{t("look.hosts", { hosts: house.hosts.join(", ") || "–" })}</p>
      {error !== null && <Failed error={error} />}
      {!still && <div><Button kind="primary" type="submit" busy={busy}>{t("look.save")}</Button></div>}
      {question}
    </form>
  );
}

function Preview({ name, dark, light }: { name: string; dark: string; light: string }): ReactNode {
  const { t } = useTranslation("tenant");
  const shown = (accent: string): CSSProperties => (/^#[0-9a-f]{6}$/i.test(accent) ? { "--accent": accent } as CSSProperties : {});
  return (
    <figure className="tenant-preview" aria-label={t("look.preview")}>
      <div data-page="dark" style={shown(dark)}><strong>{name}</strong><span>{t("look.sample")}</span></div>
      <div data-page="light" style={shown(light)}><strong>{name}</strong><span>{t("look.sample")}</span></div>
    </figure>
  );
}
