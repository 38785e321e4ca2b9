// What one may do to a colleague's login. Shutting it works at once; opening what others shut, and other roles, take a second person.

import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "@/api/client";
import { Confirm } from "@/kit/Dialog";
import { TextField } from "@/kit/fields";
import { useToasts } from "@/kit/toasts";
import { useStepUp } from "@/session/StepUp";
import { Ticks } from "@/kit/Ticks";
import { STAFF_ROLES, type Role } from "./roles";

export type Deed = "lock" | "open" | "roles";

interface Props {
  deed: Deed;
  person: Schemas["PersonOut"];
  onClose: () => void;
}

export function Do({ deed, person, onClose }: Props): ReactNode {
  const { t } = useTranslation("staff");
  const client = useQueryClient();
  const { tell } = useToasts();
  const { proven, question } = useStepUp();
  const [reason, setReason] = useState("");
  const [roles, setRoles] = useState<Role[]>(person.roles);
  const act = async (): Promise<void> => {
    const wish = deed === "roles" ? { roles } : { status: deed === "lock" ? "locked" as const : "active" as const };
    const body = { ...wish, reason: reason.trim() };
    const changed = await proven(() => ask(api.PATCH("/v1/staff/{id}", { params: { path: { id: person.id } }, body })));
    await client.invalidateQueries({ queryKey: ["staff"] });
    tell(t(changed.approval_id == null ? "people.done" : "people.waits"), "good");
  };
  const ready = reason.trim() !== "" && (deed !== "roles" || roles.length > 0);
  return (
    <>
      <Confirm title={t(`people.${deed}.act`)} isOpen onClose={onClose} act={act} verb={t(`people.${deed}.act`)} danger={deed === "lock"} ready={ready}>
        <p><strong>{person.email}</strong></p>
        <p>{t(`people.${deed}.means`)}</p>
        {deed === "roles" && <Ticks label={t("field.new_roles")} all={STAFF_ROLES} chosen={roles} onChange={setRoles} textOf={(role) => t(`role.${role}`)} />}
        <TextField label={t("people.reason")} value={reason} onChange={setReason} autoComplete="off" maxLength={500} isRequired />
      </Confirm>
      {question}
    </>
  );
}
